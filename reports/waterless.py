"""Figures of outages: why the water was off, and for how long."""

from collections.abc import Callable

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.life import Cause, Life
from outages.models import Outage
from reports.figures import Cell, Line, Rows, Scope, Table, summary
from reports.sql import Condition
from storage.moments import seconds_between

ALL = Rows("outages")
HOUR, MINUTE = 3600.0, 60.0
BOUNDS = (("under_2", 0.0, 2.0), ("under_4", 2.0, 4.0), ("under_8", 4.0, 8.0), ("under_24", 8.0, 24.0))
LONGEST, STILL_OFF = "over_24", "still_off"
lasted = seconds_between(Outage.starts, Outage.actual_end)
_OVER = Outage.actual_end.is_not(None)


def conditions(scope: Scope) -> list[Condition]:
    """Outages that began in the period; neither drafts nor what was called off."""
    period = scope.period
    return [
        Outage.starts >= period.start,
        Outage.starts < period.end,
        Outage.life.in_((Life.active, Life.restored)),
    ]


def filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    return {
        "cause": lambda word: Outage.cause == Cause(word),
        "length": lambda word: _lengths()[word],
        "kind": lambda word: Outage.kind == {"planned": "planned", "fault": "fault"}[word],
        "is": lambda word: {"over": _OVER}[word],
    }


def _lengths() -> dict[str, Condition]:
    known = {name: and_(_OVER, lasted >= least * HOUR, lasted < most * HOUR) for name, least, most in BOUNDS}
    return {**known, LONGEST: and_(_OVER, lasted >= BOUNDS[-1][2] * HOUR), STILL_OFF: ~_OVER}


async def tables(session: AsyncSession, scope: Scope) -> list[Table]:
    these = conditions(scope)
    lengths = _lengths()
    query = select(*(func.count().filter(each) for each in lengths.values())).where(*these)
    told = (await session.execute(query.select_from(Outage))).one()
    lines = (
        Line(name, (Cell(number, rows=ALL.also(length=name)),)) for name, number in zip(lengths, told, strict=True)
    )
    return [
        await _summary(session, scope),
        await _by_cause(session, scope),
        Table("outages.by_length", ("count",), tuple(lines)),
    ]


async def _summary(session: AsyncSession, scope: Scope) -> Table:
    planned, fault = Outage.kind == "planned", Outage.kind == "fault"
    query = select(
        func.count(), func.count().filter(fault), func.count().filter(planned), func.avg(lasted)
    ).select_from(Outage)
    outages, faults, works, mean = (await session.execute(query.where(*conditions(scope)))).one()
    return summary(
        "outages",
        [
            ("outages", Cell(outages, rows=ALL)),
            ("fault", Cell(faults, rows=ALL.also(kind="fault"))),
            ("planned", Cell(works, rows=ALL.also(kind="planned"))),
            ("mean_length", _minutes(mean, ALL.also(**{"is": "over"}))),
        ],
    )


async def _by_cause(session: AsyncSession, scope: Scope) -> Table:
    over = func.count().filter(_OVER)
    query = select(Outage.cause, func.count(), over, func.avg(lasted), func.max(lasted))
    found = (await session.execute(query.where(*conditions(scope)).group_by(Outage.cause))).all()
    lines = []
    for cause, outages, ended, mean, longest in sorted(found, key=lambda row: (-row[1], row[0])):
        rows = ALL.also(cause=cause)
        done = rows.also(**{"is": "over"})
        cells = (Cell(outages, rows=rows), Cell(ended, rows=done), _minutes(mean, done), _minutes(longest, done))
        lines.append(Line(cause, cells))
    return Table("outages.by_cause", ("count", "over", "mean_length", "longest"), tuple(lines))


def _minutes(seconds: float | None, rows: Rows) -> Cell:
    return Cell(None if seconds is None else seconds / MINUTE, "minutes", rows)
