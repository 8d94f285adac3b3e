"""Days and moments as a browser's date fields send them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day(text: str, zone: ZoneInfo, *, over: bool = False) -> datetime | None:
    """The midnight at which it begins there, or is over; None for what is no day."""
    try:
        begins = date.fromisoformat(text.strip()) + timedelta(days=1 if over else 0)
        return datetime.combine(begins, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """By the clock there; None for what is no moment."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
