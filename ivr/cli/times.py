"""Times as people type them."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import typer

_HOUR = re.compile(r"(\d{1,2})[:.](\d{2})")


def moment(text: str, zone: ZoneInfo, today: datetime, *, after: datetime | None = None) -> datetime:
    """17:00 on the day of `today`, or the next one later than `after`; "2026-11-25 09:00"; local time if no zone."""
    text = text.strip()
    if hour := _HOUR.fullmatch(text):
        return _next(text, int(hour[1]), int(hour[2]), today.astimezone(zone).date(), zone, after)
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise _not_understood(text) from None
    return typed if typed.tzinfo else typed.replace(tzinfo=zone)


def _next(text: str, hour: int, minute: int, day: date, zone: ZoneInfo, after: datetime | None) -> datetime:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise _not_understood(text)
    day += timedelta(days=hour // 24)
    found = datetime.combine(day, time(hour % 24, minute), zone)
    return found + timedelta(days=1) if after and found <= after else found


def _not_understood(text: str) -> typer.BadParameter:
    return typer.BadParameter(f'{text!r} is no time; write "17:00" or "2026-11-25 09:00".')
