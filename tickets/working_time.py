"""Time that counts: a unit's duty hours, without Turkish holidays and the afternoons before them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tickets.errors import TicketError

if TYPE_CHECKING:
    from holidays import HolidayBase

HALF_DAY_ENDS = time(13)
"""Law 2429: on the day before a religious holiday and before 29 October work ends at 13:00."""
OFFICE = {str(day): [["08:30", "17:30"]] for day in range(5)}
_LOOK_AHEAD = 400
"""Days; no calendar is without work for longer."""
Hours = Sequence[tuple[time, time]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a unit works. Without a `week` it always does."""

    week: tuple[Hours, ...] | None
    zone: ZoneInfo

    def on_duty(self, at: datetime) -> bool:
        if self.week is None:
            return True
        local = at.astimezone(self.zone)
        return any(start <= at < end for start, end in self._spans(local.date()))

    def after(self, start: datetime, counted: timedelta) -> datetime:
        """The moment at which that much working time has passed."""
        if self.week is None:
            return start + counted
        left = counted
        for begins, ends in self._from(start):
            if ends - begins >= left:
                return (begins + left).astimezone(UTC)
            left -= ends - begins
        return start + counted  # a calendar without any hours would never come to an end

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.zone).date()
        for ahead in range(_LOOK_AHEAD):
            for begins, ends in self._spans(day + timedelta(days=ahead)):
                if ends > start:
                    yield max(begins, start), ends

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """In UTC, so that a day on which clocks change has the hours that it has."""
        if self.week is None or (day_off := _off(day)) == "all":
            return
        for start, end in self.week[day.weekday()]:
            last = min(end, HALF_DAY_ENDS) if day_off == "afternoon" else end
            if start < last:
                yield self._moment(day, start), self._moment(day, last)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def calendar(week: Mapping[str, Sequence[Sequence[str]]] | None, zone: ZoneInfo) -> Calendar:
    """Of duty hours as they are stored: `{"0": [["08:00", "17:00"]]}`, Monday is 0. Raises `bad_hours`."""
    if week is None:
        return Calendar(None, zone)
    days = tuple(tuple(_span(span) for span in week.get(str(day), ())) for day in range(7))
    if not any(days) or set(week) - {str(day) for day in range(7)}:
        raise _bad_hours()
    return Calendar(days, zone)


def _span(span: Sequence[str]) -> tuple[time, time]:
    try:
        start, end = (time.max if each == "24:00" else time.fromisoformat(each) for each in span)
    except (ValueError, TypeError):
        raise _bad_hours() from None
    if start >= end or start.tzinfo or end.tzinfo:
        raise _bad_hours()
    return start, end


def _bad_hours() -> TicketError:
    return TicketError("Write duty hours as from-to of each weekday, for example 08:30-17:30.", "bad_hours")


def _off(day: date) -> str | None:
    return "all" if day in _turkish("public") else "afternoon" if day in _turkish("half_day") else None


@cache
def _turkish(category: str) -> "HolidayBase":
    from holidays import country_holidays  # see dialling.calendar

    return country_holidays("TR", categories=(category,))
