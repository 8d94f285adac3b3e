"""Every figure of a report is what the raw rows say, and opens to exactly the rows behind it."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.errors import ReportError
from reports.figures import Report, Rows, Scope
from reports.making import make
from reports.opening import number_of, opened
from reports.period import Length, Period, parsed, period_of
from storage.database import Database
from tests import report_sql
from tests.report_sql import Raw
from tests.report_world import ISTANBUL, MADE, OCTOBER, ReportWorld, edges, local, many, report_world

PERIODS = [OCTOBER, Period(Length.week, date(2026, 10, 5), ISTANBUL), Period(Length.day, date(2026, 10, 9), ISTANBUL)]


@pytest.fixture
async def world(db: Database) -> ReportWorld:
    made = await report_world(db)
    edges(made)
    many(made)
    await made.keep()
    return made


async def report_of(world: ReportWorld, period: Period = OCTOBER, unit: int | None = None) -> Report:
    async with world.db.reading() as session:
        return await make(session, Scope(period, unit), MADE)


async def raw_figures(world: ReportWorld, period: Period, unit: int | None) -> dict[tuple[str, str], dict[str, Any]]:
    async with world.db.reading() as session:
        written = "%Y-%m-%d %H:%M:%S.%f" + ("" if world.db.dialect == "sqlite" else "+00")
        raw = Raw(session, f"{period.start:{written}}", f"{period.end:{written}}", unit)
        found = await report_sql.tickets(raw) | await report_sql.called_back(raw)
        return found if unit else found | await report_sql.calls(raw) | await report_sql.outages(raw)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.length)
@pytest.mark.parametrize("whose", ["house", "network", "office"])
async def test_each_figure_is_what_the_raw_rows_say(world: ReportWorld, period: Period, whose: str) -> None:
    unit = None if whose == "house" else getattr(world, whose)
    report, expected = await report_of(world, period, unit), await raw_figures(world, period, unit)
    told = set()
    for table in report.tables:
        for nth, column in enumerate(table.columns):
            found = {line.key: line.cells[nth].value for line in table.lines}
            wanted = expected[table.key, column]
            told.add((table.key, column))
            assert set(wanted) - set(found) == set(), (table.key, column)
            for key, value in found.items():
                assert value == pytest.approx(wanted.get(key, None if value is None else 0)), (table.key, column, key)
    left = {key for key in expected if key not in told}
    assert left <= {("calls.by_day", c) for c in ("calls", "transferred", "gave_up")} | {("tickets.by_day", "count")}
    assert not left or period.length is Length.day


@pytest.mark.parametrize("whose", ["house", "network"])
async def test_every_number_opens_to_as_many_rows(world: ReportWorld, whose: str) -> None:
    report = await report_of(world, unit=None if whose == "house" else world.network)
    seen = 0
    async with world.db.reading() as session:
        for table in report.tables:
            for line in table.lines:
                for cell in line.cells:
                    assert cell.rows is not None, (table.key, line.key)
                    behind = await number_of(session, report.scope, cell.rows)
                    if cell.kind == "count":
                        assert behind == cell.value, (table.key, line.key, cell.rows)
                        seen += 1
                    else:
                        assert bool(behind) == bool(cell.value) or cell.value == 0, (table.key, line.key)
    assert seen > 60


@pytest.mark.parametrize("whose", ["house", "network", "office"])
async def test_parts_add_up_to_the_whole(world: ReportWorld, whose: str) -> None:
    report = await report_of(world, unit=None if whose == "house" else getattr(world, whose))
    for room, whole in (("calls", "calls"), ("tickets", "tickets"), ("outages", "outages")):
        if room not in report.rooms:
            continue
        line = report.table(f"{room}.summary").line(whole)
        assert line is not None
        for table in report.of(room):
            if table.key.partition(".")[2] in ("by_hour", "by_day", "by_district", "by_channel", "by_category"):
                assert sum(each.cells[0].value or 0 for each in table.lines) == line.cells[0].value, table.key


def value(report: Report, table: str, key: str, column: int = 0) -> float | None:
    line = report.table(table).line(key)
    return line.cells[column].value if line else None


async def test_a_day_begins_at_midnight_in_istanbul(db: Database) -> None:
    world = await report_world(db)
    world.call(local(9, 23, 59))
    world.call(local(10, 0, 0))
    world.call(datetime(2026, 10, 9, 22, tzinfo=UTC))  # one in the morning of the 10th
    await world.keep()
    report = await report_of(world, Period(Length.day, date(2026, 10, 10), ISTANBUL))
    assert value(report, "calls.summary", "calls") == 2
    assert [value(report, "calls.by_hour", hour) for hour in ("0", "1", "22", "23")] == [1, 1, 0, 0]
    month = await report_of(world)
    assert (value(month, "calls.by_day", "2026-10-09"), value(month, "calls.by_day", "2026-10-10")) == (1, 2)


async def test_a_second_call_within_a_day_is_what_true_containment_leaves_out(db: Database) -> None:
    world = await report_world(db)
    for number, later in (("soon", local(6, 11, 59)), ("late", local(6, 12, 1))):
        world.call(local(5, 12), number)
        world.call(later, number)
    world.call(local(7), None)  # withheld: nobody can tell
    await world.keep()
    report = await report_of(world)
    assert value(report, "calls.summary", "contained") == 1
    assert value(report, "calls.summary", "truly_contained") == 3 / 4
    assert value(report, "calls.summary", "withheld") == 1


@pytest.mark.parametrize(
    ("typed", "length", "first", "after"),
    [
        ("2026-10-14", Length.day, date(2026, 10, 14), date(2026, 10, 15)),
        ("2026-10-14", Length.week, date(2026, 10, 12), date(2026, 10, 19)),
        ("2026-12", Length.month, date(2026, 12, 1), date(2027, 1, 1)),
        ("2028-02-29", Length.month, date(2028, 2, 1), date(2028, 3, 1)),
        ("", Length.day, date(2026, 11, 9), date(2026, 11, 10)),
        ("", Length.week, date(2026, 11, 2), date(2026, 11, 9)),
        ("", Length.month, date(2026, 10, 1), date(2026, 11, 1)),
    ],
)
def test_periods_are_those_of_the_calendar(typed: str, length: Length, first: date, after: date) -> None:
    period = parsed(length, typed, ISTANBUL, MADE)
    assert (period.first, period.after) == (first, after)
    assert period.before().next() == period


@pytest.mark.parametrize("typed", ["x", "2026", "2026-13", "2026-02-30", "0001-01-01", "9999-12-31", "2026-10-14T00"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ReportError) as refused:
        parsed(Length.day, typed, ISTANBUL, MADE)
    assert refused.value.code == "bad_date"


def test_an_hour_that_comes_twice_or_never_is_counted_as_the_clock_shows_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    autumn, spring = (period_of(Length.day, day, berlin) for day in (date(2026, 10, 25), date(2026, 3, 29)))
    assert [(end - start).total_seconds() / 3600 for start, end in autumn.hour(2)] == [2]
    assert spring.hour(2) == []
    assert sum((e - s).total_seconds() for hour in range(24) for s, e in autumn.hour(hour)) == 25 * 3600


@pytest.mark.parametrize(
    "rows",
    [
        Rows("mails"),
        Rows("calls", {"who": "x"}),
        Rows("calls", {"outcome": "x"}),
        Rows("calls", {"day": "x"}),
        Rows("calls", {"district": "1; DROP TABLE calls"}),
        Rows("promises", {"promise": "x"}),
        Rows("tickets", {"is": "x"}),
    ],
)
async def test_no_other_rows_can_be_asked_for(db: Database, rows: Rows) -> None:
    async with db.reading() as session:
        with pytest.raises(ReportError) as refused:
            await opened(session, Scope(OCTOBER), rows)
    assert refused.value.code == "unknown_figure"


async def test_rows_come_page_by_page(world: ReportWorld) -> None:
    async with world.db.reading() as session:
        scope, rows = Scope(OCTOBER), Rows("promises", {"promise": "answer"})
        whole = await number_of(session, scope, rows)
        found: list[int] = []
        while page := await opened(session, scope, rows, found[-1] if found else None, limit=20):
            found += [clock.id for clock, _ in page]
        at = [ticket.opened for _, ticket in await opened(session, scope, rows, limit=200)]
    assert len(found) == len(set(found)) == whole > 40
    assert at == sorted(at, reverse=True)


async def test_rows_that_happened_at_one_moment_are_paged_too(db: Database) -> None:
    world = await report_world(db)
    for _ in range(7):
        world.call(local(5, 12))
    await world.keep()
    async with db.reading() as session:
        scope, rows, found = Scope(OCTOBER), Rows("calls"), []
        while page := await opened(session, scope, rows, found[-1] if found else None, limit=3):
            found += [call.id for (call,) in page]
        assert len(found) == len(set(found)) == 7
        assert await number_of(session, scope, rows, 5) == 5
        with pytest.raises(ReportError):
            await opened(session, scope, rows, before=10_000)
