"""Areas that many callers ask for although nobody has entered an outage there: the first sign of a burst main."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from calls.journal import Journal
from calls.models import CallRecord, DismissedDemand
from calls.privacy import pseudonym
from calls.records import TELEPHONES
from outages.board import Board
from outages.life import Life, OutageFacts
from outages.models import Outage, OutageArea

USUAL_DAYS = 28
UNUSUAL = 3
"""Times the usual number of callers, above which an area is suggested."""
SOON = timedelta(minutes=30)
"""Works that start so soon explain why people ask."""
MOST_DISMISSED = timedelta(days=7)
_NOT_TOLD = "[]"
"""`outage_ids` of a caller who was told of no outage."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When callers make an outage likely."""

    callers: int = 5
    """Different callers, reports of faults included."""
    minutes: int = 20

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def withheld(self) -> int:
        """How many calls without a number count: one person could have placed them all."""
        return max(1, self.callers // 2)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """ "12 callers from Kadriye in 20 min, no outage entered"."""

    area_id: int
    callers: int
    minutes: int
    """The span in which they called."""
    tickets: int
    """Reports of missing or weak water from there in the same span, one for each caller at most."""
    first: datetime
    usual: float
    """How many calls from there such a span has on average."""
    draft_id: int | None = None
    """A draft for the area that waits for somebody to publish it."""

    @property
    def weight(self) -> float:
        return (self.callers + self.tickets) / (1 + self.usual)


@dataclass(slots=True)
class Asked:
    """Who asked for one area."""

    numbers: set[str] = field(default_factory=set)
    withheld: int = 0
    first: datetime | None = None

    def add(self, number: str | None, first: datetime, calls: int = 1) -> None:
        if number:
            self.numbers.add(number)
        else:
            self.withheld += calls
        self.first = min(self.first or first, first)

    def callers(self, rule: Rule) -> int:
        return len(self.numbers) + min(self.withheld, rule.withheld)


@dataclass
class Tally:
    """Callers by area, where the board does not explain why they ask."""

    board: Board
    now: datetime
    asked: dict[int, Asked] = field(default_factory=dict)

    def add(self, area_id: int | None, number: str | None, first: datetime, calls: int = 1) -> None:
        area = None if area_id is None else self.board.area(area_id)
        if area and not self._explained(area.id):
            self.asked.setdefault(area.id, Asked()).add(number, first, calls)

    def _explained(self, area_id: int) -> bool:
        return bool(self.board.current(area_id, self.now) or self.board.upcoming(area_id, self.now, SOON))


async def suggestions(
    session: AsyncSession,
    board: Board,
    now: datetime,
    *,
    rule: Rule,
    running: Iterable[Journal] = (),
    tickets: Mapping[int, int] | None = None,
    secret: str | None = None,
) -> list[Suggestion]:
    """The likeliest first. `tickets`: reports by area in the span; `secret` tells who of `running` called before."""
    tally = Tally(board, now)
    for row in await _asked(session, now - rule.span):
        tally.add(*row)
    for journal in running:
        if journal.area_id is not None and not journal.outage_ids:
            number = pseudonym(journal.caller, secret) if journal.caller and secret else None
            tally.add(journal.area_id, number, journal.started)
    reports = tickets or {}
    strong = {
        area: who
        for area, who in tally.asked.items()
        if who.callers(rule) + min(reports.get(area, 0), who.callers(rule)) >= rule.callers
    }
    left = strong.keys() - await _dismissed(session, now) if strong else set()
    usual = await usual_calls(session, left, now, rule.span) if left else {}
    drafts = await _drafts(session, left) if left else {}
    found = [_suggestion(area, strong[area], rule, reports, usual, drafts) for area in left]
    unusual = [one for one in found if one.callers >= UNUSUAL * one.usual]
    return sorted(unusual, key=lambda one: (-one.weight, one.first, one.area_id))


def draft_facts(suggestion: Suggestion) -> OutageFacts:
    """What one click enters: a fault of unknown cause since the first of those calls."""
    return OutageFacts("fault", "unknown", {suggestion.area_id: None}, suggestion.first)


async def calls_by_outage(session: AsyncSession, since: datetime) -> dict[int, int]:
    """How many ended calls that began since then heard of each outage."""
    told = cast(CallRecord.outage_ids, Text)
    # callers who heard of the same outages are counted by the database: few rows come back, however many called
    some = select(func.min(CallRecord.id), func.count()).where(
        CallRecord.started >= since, CallRecord.driver.in_(TELEPHONES), told != _NOT_TOLD
    )
    groups = some.group_by(told).subquery()
    first, calls = groups.c
    counted: dict[int, int] = {}
    for outages, count in await session.execute(
        select(CallRecord.outage_ids, calls).join(groups, CallRecord.id == first)
    ):
        for outage in outages:
            counted[outage] = counted.get(outage, 0) + count
    return counted


async def usual_calls(
    session: AsyncSession, areas: Collection[int], now: datetime, span: timedelta
) -> dict[int, float]:
    """Calls that a span of this length has on average, by area, from the last four weeks (or what there is of them)."""
    oldest = await session.scalar(select(func.min(CallRecord.started)))
    since = max(now - timedelta(days=USUAL_DAYS), oldest or now)
    seen = max(now - span - since, timedelta(days=1))
    counted = (
        select(CallRecord.area_id, func.count())
        .where(CallRecord.area_id.in_(areas), CallRecord.started >= since, CallRecord.started < now - span)
        .group_by(CallRecord.area_id)
    )
    return {area: count * (span / seen) for area, count in await session.execute(counted) if area is not None}


async def dismiss(session: AsyncSession, area_id: int, until: datetime, who: str, now: datetime) -> None:
    """Do not suggest the area until then, a week at most; in the caller's transaction."""
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"until": min(until, now + MOST_DISMISSED), "who": who}
    statement = upsert(DismissedDemand).values(area_id=area_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["area_id"], set_=values))


async def _asked(session: AsyncSession, since: datetime) -> list[tuple[int, str | None, datetime, int]]:
    """Area (0 for none), who, the first time, and how often."""
    # by a plain area_id, SQLite would go through all calls by their area instead of through the few by their time
    area = func.coalesce(CallRecord.area_id, 0)
    statement = (
        select(area, CallRecord.caller_hash, func.min(CallRecord.started), func.count())
        .where(
            CallRecord.started >= since,
            CallRecord.driver.in_(TELEPHONES),
            cast(CallRecord.outage_ids, Text) == _NOT_TOLD,
        )
        .group_by(area, CallRecord.caller_hash)
    )
    return [(place, who, first, calls) for place, who, first, calls in await session.execute(statement)]


async def _dismissed(session: AsyncSession, now: datetime) -> set[int]:
    return set(await session.scalars(select(DismissedDemand.area_id).where(DismissedDemand.until > now)))


async def _drafts(session: AsyncSession, areas: Collection[int]) -> dict[int, int]:
    """The newest draft of each area that has one."""
    waiting = (
        select(OutageArea.area_id, func.max(Outage.id))
        .join(Outage, Outage.id == OutageArea.outage_id)
        .where(Outage.life == Life.draft, OutageArea.area_id.in_(areas))
        .group_by(OutageArea.area_id)
    )
    return {row[0]: row[1] for row in await session.execute(waiting)}


def _suggestion(
    area: int,
    who: Asked,
    rule: Rule,
    reports: Mapping[int, int],
    usual: Mapping[int, float],
    drafts: Mapping[int, int],
) -> Suggestion:
    assert who.first is not None
    callers = who.callers(rule)
    tickets = min(reports.get(area, 0), callers)
    return Suggestion(area, callers, rule.minutes, tickets, who.first, round(usual.get(area, 0.0), 2), drafts.get(area))
