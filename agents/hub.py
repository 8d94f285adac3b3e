"""Tells the open pages of this process what changes. Whoever is slow gets the latest of each kind only."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

What = Literal["rings", "watched", "state", "floor"]
IN_TURN: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True)
class News:
    """`rings`: show this caller. `watched`: a supervisor is with you. `state`: what you do; `floor`: what others do."""

    what: What
    about: str = ""
    """The caller's id, or how the supervisor is with you."""


class Listener:
    def __init__(self, user_id: int, floor: bool) -> None:
        self.user_id, self.floor = user_id, floor
        self._waiting: dict[What, News] = {}
        self._stirred = asyncio.Event()

    def tell(self, news: News) -> None:
        self._waiting[news.what] = news
        self._stirred.set()

    async def next(self, at_most: float) -> News | None:
        """None when nothing happened for so long."""
        if not self._waiting:
            self._stirred.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(at_most):
                    await self._stirred.wait()
        for what in IN_TURN:
            if what in self._waiting:
                return self._waiting.pop(what)
        return None


class Hub:
    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @contextlib.contextmanager
    def listening(self, user_id: int, *, floor: bool = False) -> Iterator[Listener]:
        """`floor`: a supervisor, who is told of everybody; agents hear of themselves only."""
        listener = Listener(user_id, floor)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def tell(self, user_id: int, news: News) -> None:
        for listener in self._listeners:
            if listener.user_id == user_id and not listener.floor:
                listener.tell(news)

    def tell_all(self, news: News) -> None:
        for listener in self._listeners:
            if listener.floor:
                listener.tell(news)
