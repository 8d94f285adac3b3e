"""Tells listeners of changes: a few times a second at most, only what is new, and to a slow one only the latest."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)

MOST_LISTENERS = 200


class TooManyListeners(Exception):
    """No more walls can be shown by this process."""

    code = "too_many_listeners"


class Watch(Generic[T]):
    """Looks every `pause` seconds while somebody listens, and not at all otherwise."""

    def __init__(
        self,
        look: Callable[[], Awaitable[T]],
        *,
        pause: float = 0.5,
        same: Callable[[T, T], bool] = lambda one, other: one == other,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._look = look
        self._pause = pause
        self._same = same
        self._sleep = sleep
        self._queues: set[asyncio.Queue[T]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._last: T | None = None

    @property
    def listeners(self) -> int:
        return len(self._queues)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[T]]:
        """The present state first, then each change. Raises TooManyListeners."""
        if len(self._queues) >= MOST_LISTENERS:
            raise TooManyListeners
        queue: asyncio.Queue[T] = asyncio.Queue(maxsize=1)
        if self._last is not None:
            queue.put_nowait(self._last)
        self._queues.add(queue)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on())
        try:
            yield _each(queue)
        finally:
            self._queues.discard(queue)
            if not self._queues:
                await self._rest()

    async def stop(self) -> None:
        """No more news; listeners are left waiting until they go."""
        await self._rest()

    async def _rest(self) -> None:
        looking, self._looking, self._last = self._looking, None, None
        if looking:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    async def _look_on(self) -> None:
        while True:
            try:
                seen = await self._look()
            except Exception:  # one failed look must not leave every wall dark
                log.exception("the state of the calls could not be read")
            else:
                if self._last is None or not self._same(self._last, seen):
                    self._last = seen
                    for queue in self._queues:
                        _put_latest(queue, seen)
            await self._sleep(self._pause)


def _put_latest(queue: "asyncio.Queue[T]", seen: T) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(seen)


async def _each(queue: "asyncio.Queue[T]") -> AsyncIterator[T]:
    while True:
        yield await queue.get()
