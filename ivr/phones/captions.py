"""What is being said in a visitor's call, written to the page that it was placed from, and to no other."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

from calls.journal import Journal
from ivr.line import Line
from ivr.phones.account import VISITOR
from ivr.phones.accounts import PhoneAccounts
from ivr.phones.meaning import path

ALIVE = 15.0
"""Seconds between signs of life; proxies close what is silent."""
MOST_LINES = 120


@dataclass(slots=True)
class _Shown:
    journal: Journal | None = None
    stirred: asyncio.Event = field(default_factory=asyncio.Event)


class Captions:
    """`shown` finds the calls; `stream` is a page's."""

    def __init__(self, accounts: PhoneAccounts) -> None:
        self._accounts = accounts
        self._pages: dict[str, _Shown] = {}

    def shown(self, line: Line) -> None:
        """A call began. Only a visitor whose page listens, or is about to, can see it."""
        name = line.endpoint
        if name.startswith(VISITOR) and self._accounts.get(name):
            self._forget()
            page = self._pages.setdefault(name, _Shown())
            page.journal = line.journal
            line.stirred = partial(self._stir, name)
            page.stirred.set()

    async def stream(self, name: str) -> AsyncIterator[str]:
        """Server-sent events: the whole call so far at every change, until the account is no more."""
        page = self._pages.setdefault(name, _Shown())
        sent = ""
        try:
            while self._accounts.get(name):
                page.stirred.clear()
                told = json.dumps(state(page.journal), ensure_ascii=False)
                if told != sent:
                    yield f"event: call\ndata: {told}\n\n"
                    sent = told
                try:
                    async with asyncio.timeout(ALIVE):
                        await page.stirred.wait()
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._forget()

    def _forget(self) -> None:
        self._pages = {name: page for name, page in self._pages.items() if self._accounts.get(name)}

    def _stir(self, name: str) -> None:
        if page := self._pages.get(name):
            page.stirred.set()


def state(journal: Journal | None) -> dict[str, object]:
    """A call as a page shows it: lines with their phrase's key, keys with their meaning, and how far it has come."""
    if journal is None:
        return {"lines": [], "path": [], "language": "tr", "stage": "none"}
    lines = [
        {"key": heard.key, "text": heard.text, "cut": heard.interrupted, "at": heard.at.isoformat()}
        for heard in journal.heard
        if heard.text
    ]
    stage = "talking" if journal.ended is None else "person" if journal.outcome in HANDED_OVER else "over"
    return {"lines": lines[-MOST_LINES:], "path": path(journal), "language": journal.language, "stage": stage}


HANDED_OVER = frozenset({"transferred", "failed"})
