"""When to try again, and when to stop."""

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
GROWS = 4
LONGEST = timedelta(hours=6)
GIVE_UP = timedelta(days=3)
PATIENT = 6
"""Tries (about half an hour) during which what follows waits, so that order is kept; then it may go ahead."""


def pause(attempts: int, chance: Callable[[], float], retry_after: str | None = None) -> timedelta:
    """5 s, 20 s, 80 s, … up to 6 h, each a quarter more or less, so that not all receivers are met at once."""
    grown = min(FIRST * int(GROWS ** min(attempts - 1, 10)), LONGEST)
    pause = grown * (0.75 + chance() / 2)
    asked = int(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 9 else 0
    return max(pause, min(timedelta(seconds=asked), LONGEST))


def given_up(since: datetime, now: datetime) -> bool:
    return now - since >= GIVE_UP
