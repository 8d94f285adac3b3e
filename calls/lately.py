"""A figure that may be some seconds old, so that many who look at it cost one query."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """Loads at most once in `seconds`; whoever asks meanwhile gets the same, and waits for the same query."""

    def __init__(
        self, load: Callable[[], Awaitable[T]], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._clock = clock
        self._held: tuple[float, T] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self) -> T:
        async with self._one_at_a_time:
            if self._held is None or self._clock() - self._held[0] >= self._seconds:
                loaded = await self._load()
                self._held = (self._clock(), loaded)
            return self._held[1]

    def forget(self) -> None:
        """Load anew for the next who asks."""
        self._held = None
