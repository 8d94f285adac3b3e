"""Figures of the telephone: who was served, who had to call again, who gave up and where."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from calls.again import SOON, called_again
from calls.journal import TELEPHONES, Outcome
from calls.models import CallRecord
from reports.figures import Cell, Line, Rows, Scope, Table, counts, share, summary
from reports.sql import Condition, districts, in_district, local, whole, within
from storage.moments import quarter_of, seconds_between

ALL = Rows("calls")
NOT_SAID = "unknown"
"""In the place of a reason or a phrase that was not written down."""
CONTAINED = (Outcome.served, Outcome.ticket)
"""No person was needed."""
PERSON = (Outcome.transferred, Outcome.failed)
COLUMNS = ("calls", "transferred", "gave_up")


def conditions(scope: Scope) -> list[Condition]:
    """Calls of citizens that began in the period."""
    period = scope.period
    return [
        CallRecord.started >= period.start,
        CallRecord.started < period.end,
        CallRecord.driver.in_(TELEPHONES),
    ]


def filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    period = scope.period
    return {
        "outcome": lambda word: CallRecord.outcome == Outcome(word),
        "reason": lambda word: and_(CallRecord.outcome.in_(PERSON), func.coalesce(CallRecord.reason, NOT_SAID) == word),
        "left_at": lambda word: and_(
            CallRecord.outcome == Outcome.gave_up, func.coalesce(CallRecord.left_at, NOT_SAID) == word
        ),
        "district": lambda word: in_district(CallRecord.area_id, whole(word)),
        "hour": lambda word: within(CallRecord.started, period.hour(whole(word, 23))),
        "day": lambda word: within(CallRecord.started, period.day(date.fromisoformat(word))),
        "contained": _contained,
        "number": lambda word: {"known": _known(), "withheld": ~_known()}[word],
        "answer": lambda word: {"heard": CallRecord.first_answer_seconds.is_not(None)}[word],
    }


def _said(column: InstrumentedAttribute[str | None]) -> ColumnElement[str]:
    return func.coalesce(column, NOT_SAID)


def _contained(word: str) -> Condition:
    raw = CallRecord.outcome.in_(CONTAINED)
    known_again = case((CallRecord.caller_hash.is_not(None), called_again()), else_=CallRecord.called_again)
    return {"raw": raw, "true": and_(raw, _known(), known_again.is_not(true()))}[word]


def _known() -> ColumnElement[bool]:
    """Whether it can be told if the number called again."""
    return or_(CallRecord.caller_hash.is_not(None), CallRecord.called_again.is_not(None))


@dataclass
class Tally:
    """All that one look at the calls tells: they are many, and are gone through as rarely as can be."""

    ended: Counter[str] = field(default_factory=Counter)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    left_at: Counter[str] = field(default_factory=Counter)
    forgotten: int = 0
    """Calls whose number was removed, of which is known whether it called again."""
    forgotten_kept: int = 0
    waited: float = 0.0
    answered: int = 0

    @property
    def calls(self) -> int:
        return self.ended.total()

    @property
    def first_answer(self) -> float | None:
        return self.waited / self.answered if self.answered else None


async def tables(session: AsyncSession, scope: Scope) -> list[Table]:
    district_of, names = await districts(session)
    tally = await _tallied(session, scope, district_of)
    hours, days = await _by_time(session, scope)
    known, kept = await _truly(session, scope)
    found = [
        _summary(tally, known + tally.forgotten, kept + tally.forgotten_kept),
        _table("calls.by_hour", [(str(hour), None) for hour in range(24)], hours, "hour", "columns"),
        _table("calls.by_day", [(str(day), None) for day in scope.period.days], days, "day", "columns"),
        _table("calls.by_district", _districts(tally.places, names), tally.places, "district", "bars"),
        counts("calls.by_reason", tally.reasons, ALL, "reason"),
        counts("calls.left_at", tally.left_at, ALL, "left_at"),
    ]
    return [table for table in found if len(table.lines) > 1 or table.key != "calls.by_day"]


async def _tallied(session: AsyncSession, scope: Scope, district_of: Mapping[int, int]) -> Tally:
    call, answer = CallRecord, CallRecord.first_answer_seconds
    by = (call.outcome, call.area_id, call.reason, call.left_at, call.called_again)
    query = select(*by, func.count(), func.sum(answer), func.count(answer))
    tally = Tally()
    rows = await session.execute(query.where(*conditions(scope)).group_by(*by))
    for outcome, area, reason, left_at, again, calls, waited, answered in rows:
        tally.ended[outcome] += calls
        tally.places[outcome, str(district_of.get(area or 0, 0))] += calls
        tally.waited, tally.answered = tally.waited + (waited or 0.0), tally.answered + answered
        if outcome in PERSON:
            tally.reasons[reason or NOT_SAID] += calls
        if outcome == Outcome.gave_up:
            tally.left_at[left_at or NOT_SAID] += calls
        if again is not None:
            tally.forgotten += calls
            tally.forgotten_kept += calls if outcome in CONTAINED and not again else 0
    return tally


def _summary(tally: Tally, known: int, kept: int) -> Table:
    calls, ended = tally.calls, tally.ended
    raw = sum(ended[outcome] for outcome in CONTAINED)
    outcomes = [(outcome.value, Cell(ended[outcome], rows=ALL.also(outcome=outcome.value))) for outcome in Outcome]
    return summary(
        "calls",
        [
            ("calls", Cell(calls, rows=ALL)),
            *outcomes,
            ("contained", share(raw, calls, ALL.also(contained="raw"))),
            ("truly_contained", share(kept, known, ALL.also(contained="true"))),
            ("known", Cell(known, rows=ALL.also(number="known"))),
            ("withheld", Cell(calls - known, rows=ALL.also(number="withheld"))),
            ("first_answer", Cell(tally.first_answer, "seconds", ALL.also(answer="heard"))),
        ],
    )


async def _truly(session: AsyncSession, scope: Scope) -> tuple[int, int]:
    """Calls whose number is there, and those of them that were contained and not followed by another within a day."""
    period = scope.period
    following = func.lead(CallRecord.started).over(partition_by=CallRecord.caller_hash, order_by=CallRecord.started)
    seen = (
        select(CallRecord.started, CallRecord.outcome.label("outcome"), following.label("following"))
        .where(
            CallRecord.caller_hash.is_not(None),
            CallRecord.started >= period.start,
            CallRecord.started < period.end + SOON,
            CallRecord.driver.in_(TELEPHONES),
        )
        .subquery()
    )
    again = and_(
        seen.c.following.is_not(None), seconds_between(seen.c.started, seen.c.following) <= SOON.total_seconds()
    )
    kept = func.count().filter(and_(seen.c.outcome.in_(CONTAINED), ~again))
    known, true = (await session.execute(select(func.count(), kept).where(seen.c.started < period.end))).one()
    return known, true


Places = Mapping[tuple[str, str], int]
"""How many calls by outcome and key."""


async def _by_time(session: AsyncSession, scope: Scope) -> tuple[Places, Places]:
    hours, days = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    by = (quarter_of(CallRecord.started), CallRecord.outcome)
    rows = await session.execute(select(*by, func.count()).where(*conditions(scope)).group_by(*by))
    for quarter, outcome, calls in rows:
        at = local(quarter, scope.period.zone)
        hours[outcome, str(at.hour)] += calls
        days[outcome, str(at.date())] += calls
    return hours, days


def _districts(places: Places, names: Mapping[int, str]) -> list[tuple[str, str | None]]:
    """Those with calls, the most first; 0 is where the place is not known."""
    total = Counter[str]()
    for (_, district), calls in places.items():
        total[district] += calls
    return [(each, names.get(int(each))) for each, _ in sorted(total.items(), key=lambda e: (-e[1], int(e[0])))]


def _table(key: str, keys: list[tuple[str, str | None]], found: Places, by: str, chart: Any) -> Table:
    lines = []
    for each, name in keys:
        rows = ALL.also(**{by: each})
        told = {outcome: found.get((outcome, each), 0) for outcome in Outcome}
        cells = [Cell(sum(told.values()), rows=rows)]
        cells += [Cell(told[o], rows=rows.also(outcome=o.value)) for o in (Outcome.transferred, Outcome.gave_up)]
        lines.append(Line(each, tuple(cells), name))
    return Table(key, COLUMNS, tuple(lines), chart)
