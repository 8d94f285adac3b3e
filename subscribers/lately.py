"""What was found lately: for seconds to minutes, in memory only, and never more than a set number of entries."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Lately(Generic[V]):
    def __init__(self, clock: Callable[[], float], *, most: int = 5_000) -> None:
        self._clock, self._most = clock, most
        self._held: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        until, value = self._held.get(key, (0.0, None))
        if value is None or self._clock() >= until:
            self._held.pop(key, None)
            return None
        return value

    def keep(self, key: str, value: V, seconds: float) -> None:
        self._held[key] = self._clock() + seconds, value
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def clear(self) -> None:
        self._held.clear()
