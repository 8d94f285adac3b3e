"""Keeps one address from filling a form for hours. In memory: each process counts alone, from its start."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

HOUR = 3600.0


class Crowd:
    """At most `each` times an hour from one address, and `all` times together."""

    def __init__(
        self, each: int = 6, together: int = 600, remembered: int = 5000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._together, self._remembered, self._clock = each, together, remembered, clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=together)

    def lets(self, address: str) -> bool:
        """Whether it may once more; then that is counted."""
        now, who = self._clock(), neighbourhood_of(address)
        mine = self._seen.setdefault(who, deque(maxlen=self._each))
        self._seen.move_to_end(who)
        if self._full(mine, now) or self._full(self._all, now):
            return False
        mine.append(now)
        self._all.append(now)
        while len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return True

    def _full(self, times: "deque[float]", now: float) -> bool:
        return len(times) == times.maxlen and times[0] > now - HOUR


def neighbourhood_of(address: str) -> str:
    """An IPv6 customer has a network of addresses: the first 64 bits count."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else found.exploded[:19]
    return str(found)
