"""How long the report of a month takes: of a month in which a whole year's worth of calls came.

    .venv/bin/python -m bench.reports --write docs/benchmarks.md

Counting is measured apart from drawing. PostgreSQL is a throw-away cluster, as in the tests; it waits for no disk.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
import uvloop

from bench.board import postgresql
from bench.report import aim, put, stamp, stamp_lines, table
from bench.report_rows import Month, fill
from bench.setup import bench_settings, run
from ivr.cli.progress import Steps
from ivr.reporting import report_pages
from prompts.catalogue import load_catalogue
from reports import called_back, hotline, reported, waterless
from reports.figures import Report, Scope
from reports.making import make
from reports.opening import opened
from reports.paper import html_of, pdf_of
from reports.period import Length, Period
from reports.sheets import as_xlsx
from reports.words import Words
from storage.database import Database
from storage.types import use_key

MONTH = Period(Length.month, date(2026, 10, 1), ZoneInfo("Europe/Istanbul"))
MADE = datetime(2026, 11, 2, 3, tzinfo=UTC)
ROOMS = {"calls": hotline, "tickets": reported, "calls to citizens": called_back, "outages": waterless}
WANTED = 10.0
"""Seconds that the report of the month may take on PostgreSQL."""


def reports(
    calls: Annotated[int, typer.Option(min=100, help="Calls within the month.")] = 1_500_000,
    tickets: Annotated[int, typer.Option(min=100, help="Tickets within the month.")] = 200_000,
    turns: Annotated[int, typer.Option(min=1, help="How often the report is made.")] = 3,
    sqlite: Annotated[bool, typer.Option(help="Also on SQLite, for which nothing is promised.")] = False,
    priority: Annotated[int, typer.Option(min=-20, max=0, help="Of measuring, where others are at work too.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how long the report of a month takes."""
    settings, month, databases = bench_settings(), Month(MONTH, calls, tickets), {}
    use_key("a key of the benchmark")
    load = os.getloadavg()[0]
    with Steps() as steps:
        with postgresql() as url:
            databases["PostgreSQL"] = uvloop.run(_measure(url, month, turns, steps.now, priority))
        if sqlite:
            settings.state.mkdir(parents=True, exist_ok=True)
            databases["SQLite"] = uvloop.run(_measure(settings.database, month, turns, steps.now, priority))
    loads = f"{load:.1f} before, {os.getloadavg()[0]:.1f} after"
    about = stamp("bench.reports", rows=f"{calls} calls and {tickets} tickets, all of one month", load=loads)
    page = _page({"about": about, "databases": databases})
    print(json.dumps({"about": about, "databases": databases}, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "reports", page)


async def _measure(
    url: str, month: Month, turns: int, now_doing: Callable[[str], None], priority: int
) -> dict[str, Any]:
    db = Database(url)
    try:
        await db.migrate()
        now_doing(f"writing {month.calls} calls and {month.tickets} tickets into {db.dialect}")
        await fill(db, month)
        await _before_others(db, priority)
        now_doing("making the report of the month")
        whole = [await _timed(db, lambda session: make(session, Scope(MONTH), MADE)) for _ in range(turns)]
        rooms = {
            name: (await _timed(db, lambda session, room=room: room.tables(session, Scope(MONTH))))[0]
            for name, room in ROOMS.items()
        }
        unit = (await _timed(db, lambda session: make(session, Scope(MONTH, 1), MADE)))[0]
        report = whole[-1][1]
        drill = await _opening(db, report)
    finally:
        await db.close()
    seconds = [took for took, _ in whole]
    return {"first": seconds[0], "best": min(seconds), "unit": unit, "rooms": rooms, "drill": drill} | await _drawn(
        report
    )


async def _before_others(db: Database, priority: int) -> None:
    """This process, and the server with all connections that it takes from now on."""
    if not priority:
        return
    os.setpriority(os.PRIO_PROCESS, 0, priority)
    if db.dialect == "postgresql":
        os.setpriority(os.PRIO_PROCESS, _server(Path(str(db.url.query["host"]))), priority)
        await db.engine.dispose()


def _server(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


async def _timed(db: Database, work: Callable[..., Any]) -> tuple[float, Any]:
    async with db.reading() as session:
        began = time.perf_counter()
        done = await work(session)
        return time.perf_counter() - began, done


async def _opening(db: Database, report: Report) -> float:
    """The slowest of the figures on top, opened to its first page of rows."""
    cells = [line.cells[0] for each in report.tables if each.key.endswith(".summary") for line in each.lines]
    took = [
        (await _timed(db, lambda session, rows=cell.rows: opened(session, report.scope, rows)))[0] for cell in cells
    ]
    return max(took)


async def _drawn(report: Report) -> dict[str, float]:
    pages = report_pages(bench_settings())
    words = Words(pages.texts, "tr", load_catalogue())
    began = time.perf_counter()
    as_xlsx(report, words)
    workbook = time.perf_counter()
    await pdf_of(html_of(report, words, pages, MADE))
    return {"xlsx": workbook - began, "pdf": time.perf_counter() - workbook}


def _page(result: dict[str, Any]) -> list[str]:
    rows: list[tuple[object, ...]] = []
    for db, told in result["databases"].items():
        rows += [(db, "the whole report, first time", f"{told['first']:.2f}")]
        rows += [(db, "the whole report, best", f"{told['best']:.2f}")]
        rows += [(db, f"of it: {room}", f"{took:.2f}") for room, took in told["rooms"].items()]
        rows += [(db, "the report of one unit", f"{told['unit']:.2f}")]
        rows += [(db, "the first rows behind a figure on top, slowest", f"{told['drill']:.2f}")]
        rows += [("", "drawn as PDF, in a process of its own", f"{told['pdf']:.2f}")]
        rows += [("", "written as XLSX", f"{told['xlsx']:.2f}")]
    held = result["databases"]["PostgreSQL"]
    aims = [
        aim("report of a month, first time, PostgreSQL", WANTED, held["first"], "s"),
        aim("the same with its PDF", WANTED, held["first"] + held["pdf"], "s"),
    ]
    return [
        "## The report of a month",
        "",
        *stamp_lines(result["about"]),
        "",
        *table(("database", "what", "seconds"), rows),
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(reports)
