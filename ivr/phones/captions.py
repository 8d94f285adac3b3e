"""What is being said in a visitor's call, written to the page that it was placed from, and to no other."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from calls.journal import Journal
from ivr.line import Line
from ivr.phones.account import VISITOR
from ivr.phones.accounts import PhoneAccounts
from ivr.phones.meaning import path

ALIVE = 15.0
"""Seconds between signs of life; proxies close what is silent."""
GLANCE = 0.25
"""Seconds between looks at a call that runs. It tells of no change itself: most calls are read by nobody."""
MOST_LINES = 120


@dataclass(slots=True)
class _Shown:
    line: Line | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self) -> Journal | None:
        return self.line.told() if self.line else None


class Captions:
    """`shown` finds the calls; `stream` is a page's."""

    def __init__(self, accounts: PhoneAccounts, glance: float = GLANCE) -> None:
        self._accounts = accounts
        self._glance = glance
        self._pages: dict[str, _Shown] = {}

    def shown(self, line: Line) -> None:
        """A call began. Only a visitor whose page listens, or is about to, can see it."""
        name = line.endpoint
        if name.startswith(VISITOR) and self._accounts.get(name):
            self._forget()
            page = self._pages.setdefault(name, _Shown())
            page.line = line
            page.began.set()

    async def stream(self, name: str) -> AsyncIterator[str]:
        """Server-sent events: the whole call so far at every change, until the account is no more."""
        page = self._pages.setdefault(name, _Shown())
        sent, heard_of = "", monotonic()
        try:
            while self._accounts.get(name):
                page.began.clear()
                journal = page.told()
                told = json.dumps(state(journal), ensure_ascii=False)
                if told != sent:
                    yield f"event: call\ndata: {told}\n\n"
                    sent, heard_of = told, monotonic()
                elif monotonic() - heard_of > ALIVE:
                    yield ": still here\n\n"
                    heard_of = monotonic()
                runs = journal is not None and journal.ended is None
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._glance if runs else ALIVE):
                        await page.began.wait()
        finally:
            self._forget()

    def _forget(self) -> None:
        self._pages = {name: page for name, page in self._pages.items() if self._accounts.get(name)}


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
