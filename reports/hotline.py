"""Figures of the telephone: who was served, who had to call again, who gave up and where."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from calls.again import SOON, called_again
from calls.journal import TELEPHONES, Outcome
from calls.models import CallRecord
from reports.figures import Cell, Line, Rows, Scope, Table, counts, share, summary
from reports.sql import Condition, districts, in_district, local, within
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
        "district": lambda word: in_district(CallRecord.area_id, int(word)),
        "hour": lambda word: within(CallRecord.started, period.hour(int(word))),
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


async def tables(session: AsyncSession, scope: Scope) -> list[Table]:
    ended, times, places = Counter[str](), Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    district_of, names = await districts(session)
    for place, outcome, calls in await _counted(session, scope, CallRecord.area_id):
        ended[outcome] += calls
        places[outcome, district_of.get(place or 0, 0)] += calls
    for quarter, outcome, calls in await _counted(session, scope, quarter_of(CallRecord.started)):
        times[outcome, quarter] += calls
    hours, days = _by_time(scope, times)
    found = [
        await _summary(session, scope, ended),
        _table("calls.by_hour", [(str(hour), None) for hour in range(24)], hours, "hour", "columns"),
        _table("calls.by_day", [(str(day), None) for day in scope.period.days], days, "day", "columns"),
        _table("calls.by_district", _districts(places, names), places_by_key(places), "district", "bars"),
        counts("calls.by_reason", await _reasons(session, scope), ALL, "reason"),
        counts("calls.left_at", await _left(session, scope), ALL, "left_at"),
    ]
    return [table for table in found if len(table.lines) > 1 or table.key != "calls.by_day"]


async def _summary(session: AsyncSession, scope: Scope, ended: Mapping[str, int]) -> Table:
    calls, raw = sum(ended.values()), sum(ended[outcome] for outcome in CONTAINED)
    known, kept = await _truly(session, scope)
    answer = select(func.avg(CallRecord.first_answer_seconds)).where(*conditions(scope))
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
            ("first_answer", Cell(await session.scalar(answer), "seconds", ALL.also(answer="heard"))),
        ],
    )


async def _truly(session: AsyncSession, scope: Scope) -> tuple[int, int]:
    """Calls of known numbers, and those of them that were contained and not followed by another within a day."""
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
    kept = case((and_(seen.c.outcome.in_(CONTAINED), ~again), 1), else_=0)
    now = select(func.count(), func.coalesce(func.sum(kept), 0)).where(seen.c.started < period.end)
    contained = and_(CallRecord.outcome.in_(CONTAINED), CallRecord.called_again.is_(False))
    before = select(func.count(), func.coalesce(func.sum(cast(case((contained, 1), else_=0), Integer)), 0)).where(
        *conditions(scope), CallRecord.called_again.is_not(None)
    )
    (known, true_now), (forgotten, true_before) = (
        (await session.execute(now)).one(),
        (await session.execute(before)).one(),
    )
    return known + forgotten, true_now + true_before


async def _counted(session: AsyncSession, scope: Scope, by: Any) -> list[tuple[Any, str, int]]:
    query = select(by, CallRecord.outcome, func.count()).where(*conditions(scope)).group_by(by, CallRecord.outcome)
    return [(key, outcome, calls) for key, outcome, calls in await session.execute(query)]


async def _reasons(session: AsyncSession, scope: Scope) -> dict[str, int]:
    return await _words(session, scope, CallRecord.reason, CallRecord.outcome.in_(PERSON))


async def _left(session: AsyncSession, scope: Scope) -> dict[str, int]:
    return await _words(session, scope, CallRecord.left_at, CallRecord.outcome == Outcome.gave_up)


async def _words(session: AsyncSession, scope: Scope, column: Any, only: Condition) -> dict[str, int]:
    query = select(column, func.count()).where(*conditions(scope), only).group_by(column)
    found = Counter[str]()
    for word, calls in await session.execute(query):
        found[word or NOT_SAID] += calls
    return found


Places = Mapping[tuple[str, str], int]
"""How many calls by outcome and key."""


def _by_time(scope: Scope, times: Mapping[tuple[str, int], int]) -> tuple[Places, Places]:
    hours, days = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (outcome, quarter), calls in times.items():
        at = local(quarter, scope.period.zone)
        hours[outcome, str(at.hour)] += calls
        days[outcome, str(at.date())] += calls
    return hours, days


def places_by_key(places: Mapping[tuple[str, int], int]) -> Places:
    return {(outcome, str(district)): calls for (outcome, district), calls in places.items()}


def _districts(places: Mapping[tuple[str, int], int], names: Mapping[int, str]) -> list[tuple[str, str | None]]:
    """Those with calls, the most first; 0 is where the place is not known."""
    total = Counter[int]()
    for (_, district), calls in places.items():
        total[district] += calls
    return [(str(district), names.get(district)) for district, _ in sorted(total.items(), key=lambda e: (-e[1], e[0]))]


def _table(key: str, keys: list[tuple[str, str | None]], found: Places, by: str, chart: Any) -> Table:
    lines = []
    for each, name in keys:
        rows = ALL.also(**{by: each})
        told = {outcome: found.get((outcome, each), 0) for outcome in Outcome}
        cells = [Cell(sum(told.values()), rows=rows)]
        cells += [Cell(told[o], rows=rows.also(outcome=o.value)) for o in (Outcome.transferred, Outcome.gave_up)]
        lines.append(Line(each, tuple(cells), name))
    return Table(key, COLUMNS, tuple(lines), chart)
