"""Public holidays of Türkiye."""

from datetime import date

import holidays

_TURKISH = holidays.country_holidays("TR")


def is_public_holiday(day: date) -> bool:
    """Whether the country rests that day; religious holidays too. Half days before them are working days here."""
    return day in _TURKISH
