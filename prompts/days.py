"""Which day, or which night, a moment belongs to in the mouth of someone who speaks now."""

from datetime import date, datetime, timedelta

_NIGHT_ENDS = timedelta(hours=5)
_SPOKEN_STEP = 5


def rounded(at: datetime) -> datetime:
    """Up to the next five minutes: nobody promises water for 16:52."""
    at = at.replace(second=0, microsecond=0)
    return at + timedelta(minutes=-at.minute % _SPOKEN_STEP)


def days_ahead(at: datetime, now: datetime) -> int:
    return (at.date() - now.date()).days


def at_night(at: datetime) -> bool:
    return at.hour < _NIGHT_ENDS // timedelta(hours=1)


def evening_of(at: datetime) -> date:
    """The day whose night this is: 02:00 on Wednesday is still Tuesday's night."""
    return (at - _NIGHT_ENDS).date()


def nights_ahead(at: datetime, now: datetime) -> int:
    return (evening_of(at) - evening_of(now)).days
