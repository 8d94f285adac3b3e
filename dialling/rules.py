"""When, how often and how many citizens may be called. Pure: the same facts give the same answer."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
DAY = timedelta(days=1)
SPACING = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), DAY)
"""From one attempt to the next; the last goes on."""
TURNS = 3
"""Times that somebody is rung whose turn in the queue has come."""
LOOK_AHEAD = 60
"""Days within which there is a day on which calls are made."""


def never(day: date) -> bool:
    """A calendar without holidays."""
    return False


@dataclass(frozen=True, slots=True)
class Hours:
    """When telephones may ring, by the clock on the wall. `opens` after `closes` is a span across midnight."""

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(20)
    holiday: Callable[[date], bool] = never

    def allow(self, at: datetime) -> bool:
        return self.next(at) == at

    def next(self, at: datetime) -> datetime | None:
        """The first allowed moment from `at` on; None when there is none for weeks."""
        day = at.astimezone(self.zone).date() - DAY
        for _ in range(LOOK_AHEAD):
            for starts, ends in self._spans(day):
                if at < ends:
                    return max(at, starts)
            day += DAY
        return None

    def day_after(self, at: datetime) -> datetime:
        """When the citizen's next day begins."""
        return self._moment(at.astimezone(self.zone).date() + DAY, MIDNIGHT, late=False)

    def day_of(self, at: datetime) -> datetime:
        """When the citizen's day began."""
        return self._moment(at.astimezone(self.zone).date(), MIDNIGHT, late=False)

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """What is allowed on one date: a night's span is two, so that a holiday ends at its own midnight."""
        if self.holiday(day):
            return
        opens, closes = self._moment(day, self.opens, late=True), self._moment(day, self.closes, late=False)
        begins, ends = self._moment(day, MIDNIGHT, late=True), self._moment(day + DAY, MIDNIGHT, late=False)
        spans = ((opens, closes),) if self.opens < self.closes else ((begins, closes), (opens, ends))
        yield from ((first, last) for first, last in spans if first < last)

    def _moment(self, day: date, clock: time, *, late: bool) -> datetime:
        """An hour that the clock shows twice opens late and closes early; one that it skips comes right after."""
        local = datetime.combine(day, clock, self.zone)
        moments = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
        shown = [m for m in moments if m.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None)]
        if shown:
            return max(shown) if late else min(shown)
        return _clock_jump(min(moments), max(moments), self.zone)


@dataclass(frozen=True, slots=True)
class Rules:
    """How often one citizen is called."""

    hours: Hours
    attempts: int = 5
    a_day: int = 3
    """Times that one number is dialled on one day, whatever the reasons."""
    spacing: tuple[timedelta, ...] = SPACING
    soon: timedelta = timedelta(minutes=5)
    """Until somebody whose turn in the queue has come is rung again."""

    def in_turn(self) -> "Rules":
        """For those who asked to be called when their turn comes: at any hour, and again soon."""
        always = Hours(self.hours.zone, MIDNIGHT, MIDNIGHT)
        return Rules(always, TURNS, TURNS, (self.soon,))

    def next_attempt(
        self, last: datetime, made: int, today: int, until: datetime | None, *, now: datetime
    ) -> datetime | None:
        """When a number is dialled again after its `made`-th attempt at `last`; None when it is given up."""
        if made >= self.attempts:
            return None
        return self.due(max(now, last + self.spacing[min(made, len(self.spacing)) - 1]), today, until, now=now)

    def due(self, at: datetime, today: int, until: datetime | None, *, now: datetime) -> datetime | None:
        """The first moment from `at` on at which the number may ring, given how often it was dialled today."""
        if today >= self.a_day:
            at = max(at, self.hours.day_after(now))
        due = self.hours.next(at)
        return due if due is not None and (until is None or due < until) else None


@dataclass(frozen=True, slots=True)
class Lines:
    """The trunk: how much of it calls to citizens may take."""

    channels: int = 30
    reserved: float = 0.5
    """The share that is kept free for those who call us."""
    at_once: int = 10
    """Calls to citizens at the same time."""

    @property
    def kept(self) -> int:
        """Channels that calls to citizens leave alone."""
        return math.ceil(self.channels * self.reserved)

    def room(self, in_use: int, ours: int) -> int:
        """How many more may be placed while `in_use` channels are taken, `ours` of them by calls to citizens."""
        return max(0, min(self.channels - self.kept - in_use, self.at_once - ours))


@dataclass(slots=True)
class Pace:
    """At most so many calls a second; what was not used is not saved up."""

    per_second: float
    _next: float = 0.0

    def allowed(self, clock: float, most: int) -> int:
        """How many of `most` may be placed at this moment of a monotonic clock; they count as placed."""
        if clock < self._next:
            return 0
        placed = min(most, max(1, int(self.per_second)))
        if placed:
            self._next = clock + placed / self.per_second
        return placed


def _clock_jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the clock was put forward."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
