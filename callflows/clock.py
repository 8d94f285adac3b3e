"""The hour that callers live in: times are kept in UTC and spoken in the utility's zone."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

_zone: tzinfo = ZoneInfo("Europe/Istanbul")


def use_zone(name: str) -> None:
    """Speak hours in this IANA time zone from now on; set once, before the first call."""
    global _zone
    _zone = ZoneInfo(name)


def local(at: datetime) -> datetime:
    return at.astimezone(_zone)
