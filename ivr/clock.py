"""The time by which everything goes; tests have clocks of their own."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
