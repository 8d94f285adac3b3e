"""A system that fails is left alone for a while: nobody waits for it, and it is not hammered while it is down."""

from collections.abc import Callable


class Breaker:
    """Closed it lets everything pass. Some failures in a row open it; then one at a time tries whether it is back."""

    def __init__(self, clock: Callable[[], float], *, failures: int = 5, rest: float = 30.0) -> None:
        """`clock`: seconds that only rise. `rest`: seconds until it is tried again."""
        self._clock, self._most, self._rest = clock, failures, rest
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def open(self) -> bool:
        return self._opened is not None

    def admits(self) -> bool:
        """Whether to ask now. Who was admitted tells how it went, whatever happens."""
        if self._opened is None:
            return True
        if self._trying or self._clock() < self._opened + self._rest:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        self._failures, self._opened, self._trying = 0, None, False

    def failed(self) -> None:
        self._failures += 1
        if self._trying or self._failures >= self._most:
            self._opened = self._clock()
        self._trying = False
