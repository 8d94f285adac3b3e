"""Days, weeks and months as the utility's calendar has them: from local midnight to local midnight."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from reports.errors import ReportError
from storage.moments import QUARTER_SECONDS

DAY = timedelta(days=1)
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
Span = tuple[datetime, datetime]
"""From the first moment to the first one after it, in UTC."""


class Length(StrEnum):
    day = "day"
    week = "week"
    """From Monday."""
    month = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """`first` is its first day."""

    length: Length
    first: date
    zone: ZoneInfo

    @property
    def after(self) -> date:
        """The day after its last one."""
        if self.length is Length.month:
            return (self.first + timedelta(days=31)).replace(day=1)
        return self.first + (DAY if self.length is Length.day else timedelta(days=7))

    @property
    def last(self) -> date:
        return self.after - DAY

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return midnight(self.after, self.zone)

    @property
    def days(self) -> Iterator[date]:
        return (self.first + DAY * n for n in range((self.after - self.first).days))

    def before(self) -> "Period":
        return period_of(self.length, self.first - DAY, self.zone)

    def next(self) -> "Period":
        return Period(self.length, self.after, self.zone)

    def day(self, day: date) -> list[Span]:
        """One of its days."""
        return [(midnight(day, self.zone), midnight(day + DAY, self.zone))] if self.first <= day < self.after else []

    def hour(self, hour: int) -> list[Span]:
        """An hour of the wall clock on each of its days. On days of a clock change it may be missing, or come twice."""
        spans = []
        for day in self.days:
            at = midnight(day, self.zone)
            while at < midnight(day + DAY, self.zone):
                if at.astimezone(self.zone).hour == hour:
                    spans.append((at, at + QUARTER))
                at += QUARTER
        return joined(spans)


QUARTER = timedelta(seconds=QUARTER_SECONDS)
"""Every time zone of today differs from UTC by whole quarters of an hour."""


def period_of(length: Length, day: date, zone: ZoneInfo) -> Period:
    """The one in which the day lies. Raises `bad_date`."""
    if not EARLIEST <= day <= LATEST:
        raise ReportError(
            f"Choose a day from {EARLIEST} to {LATEST}.", "bad_date", "2000 ile 2199 arasında bir gün seçin."
        )
    if length is Length.week:
        day -= timedelta(days=day.weekday())
    return Period(length, day.replace(day=1) if length is Length.month else day, zone)


def parsed(length: Length, typed: str, zone: ZoneInfo, now: datetime) -> Period:
    """ "2026-10-05", "2026-10", or nothing for the last one that is over. Raises `bad_date`."""
    typed = typed.strip()
    if not typed:
        return period_of(length, now.astimezone(zone).date(), zone).before()
    try:
        day = date.fromisoformat(f"{typed}-01" if len(typed) == 7 else typed)
    except ValueError:
        raise ReportError(
            "Write a day such as 2026-10-05, or a month such as 2026-10.",
            "bad_date",
            "Gün 2026-10-05, ay 2026-10 biçiminde yazılır.",
        ) from None
    return period_of(length, day, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def joined(spans: list[Span]) -> list[Span]:
    """Neighbours become one."""
    whole: list[Span] = []
    for start, end in spans:
        if whole and whole[-1][1] == start:
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole
