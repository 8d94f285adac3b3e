"""Public holidays of Türkiye."""

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def is_public_holiday(day: date) -> bool:
    """Whether the country rests that day; religious holidays too. Half days before them are working days here."""
    return day in _turkish()


@cache
def _turkish() -> "HolidayBase":
    from holidays import country_holidays  # here: it brings the holidays of all countries, 10 MB

    return country_holidays("TR")
