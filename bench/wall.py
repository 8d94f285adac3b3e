"""How long the live wall's questions to the database take when 1.5 million calls are in it, and a storm is on.

    .venv/bin/python -m bench.wall

PostgreSQL is a throw-away cluster, as in the tests; it does not wait for the disk.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from sqlalchemy.ext.asyncio import AsyncSession

from bench.board import postgresql
from bench.call_rows import Storm, fill
from bench.measure import percentile
from bench.report import aim, put, stamp, stamp_lines, table
from bench.setup import bench_settings, run
from callflows.scripted import VirtualClock
from calls.demand import Rule, calls_by_outage, suggestions
from calls.journal import Heard, Journal
from calls.today import today
from ivr.clock import now
from ivr.live import LiveWall
from ivr.settings import Settings
from outages.area_import import apply_areas
from outages.board import Board, OutageView
from outages.gazetteer import load_city
from outages.snapshot import load_board
from storage.database import Database
from storage.types import use_key
from tickets.reports import unexplained

ZONE = "Europe/Istanbul"
RUNNING = 900
"""Calls in the line: as many as one process takes."""
SNAPSHOT = "snapshot of a full line, CPU"
LIMIT, SNAPSHOT_LIMIT = 100.0, 10.0
"""Milliseconds. Questions are asked once in five seconds, however many walls are shown; snapshots twice a second."""


@dataclass
class Desk:
    board: Board
    clock: VirtualClock

    def now(self) -> datetime:
        return self.clock.now()

    def mass_call(self) -> bool:
        return True


def wall(
    calls: Annotated[int, typer.Option(min=2 * Storm.TODAY, help="Calls of one year in the database.")] = 1_500_000,
    times: Annotated[int, typer.Option(min=5, help="How often each question is asked.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure what the live wall costs."""
    settings = bench_settings()
    use_key(settings.secret("database-key"))
    databases = {"SQLite": uvloop.run(_measure(settings, calls, times))}
    with postgresql() as url:
        given = settings.model_copy(update={"database_url": url})
        databases["PostgreSQL"] = uvloop.run(_measure(given, calls, times))
    result = {"about": stamp("bench.wall"), "calls": calls, "databases": databases}
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "wall", page)


async def _measure(settings: Settings, calls: int, times: int) -> dict[str, Any]:
    db = Database(settings.database)
    try:
        await db.migrate()
        await apply_areas(db, await asyncio.to_thread(load_city, settings.city_code, settings.state))
        at = now()
        async with db.reading() as session:
            board = await load_board(session, at)
        storm = Storm(at, sorted(board.areas), calls)
        await fill(db, storm)
        outages = tuple(_outage(number, area, at) for area, number in storm.known.items())
        board = Board(1, at, board.areas, outages)
        figures = {what: await _asked(db, ask, times) for what, ask in _questions(board, storm)}
        return figures | {SNAPSHOT: await _snapshots(db, board, at, times)}
    finally:
        await db.close()


def _outage(number: int, area: int, at: datetime) -> OutageView:
    return OutageView(number, "fault", "main_burst", frozenset({area}), at - timedelta(hours=1), None, None)


Ask = Callable[[AsyncSession, datetime], Awaitable[object]]


def _questions(board: Board, storm: Storm) -> Iterator[tuple[str, Ask]]:
    rule = Rule()

    async def demand(session: AsyncSession, at: datetime) -> object:
        tickets = await unexplained(session, at - rule.span)
        found = await suggestions(session, board, at, rule=rule, tickets=tickets)
        if {one.area_id for one in found} != storm.unknown:
            raise RuntimeError(f"suggested {len(found)} areas in the place of {len(storm.unknown)}")
        return found

    async def day(session: AsyncSession, at: datetime) -> object:
        return await today(session, at, ZONE)

    async def about(session: AsyncSession, at: datetime) -> object:
        return await calls_by_outage(session, at - timedelta(hours=1))

    yield "areas asked for without a known outage", demand
    yield "containment today", day
    yield "calls about each outage in the last hour", about


async def _asked(db: Database, ask: Ask, times: int) -> dict[str, float]:
    at = now()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        async with db.reading() as session:
            await ask(session, at)
        took.append((time.perf_counter() - began) * 1000)
    return _shares(took)


async def _snapshots(db: Database, board: Board, at: datetime, times: int) -> dict[str, float]:
    """One look at a full line, the database's answers being at hand."""
    journals = list(_running(board, at))
    live = LiveWall(db, Desk(board, VirtualClock(at)), lambda: journals, rule=Rule(), zone=ZONE)
    await live.wall()
    took = []
    for _ in range(times):
        began = time.process_time()
        await live.wall()
        took.append((time.process_time() - began) * 1000)
    return _shares(took)


def _running(board: Board, at: datetime) -> Iterator[Journal]:
    areas = sorted(board.areas)
    for number in range(RUNNING):
        area = random.choice(areas)
        told = [outage.id for outage in board.current(area, at)]
        journal = Journal(f"{number}", f"+90532{number:07}", at, "ari", area_id=area, outage_ids=told)
        journal.heard = [Heard(at, f"outage.{n}", f"sentence {number % 300} of part {n}") for n in range(8)]
        yield journal


def _shares(took: list[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 100)}


def _page(result: dict[str, Any]) -> list[str]:
    rows, aims = [], []
    for name, figures in result["databases"].items():
        for what, f in figures.items():
            rows.append((f"{what}, {name}", f["p50_ms"], f["p95_ms"], f["p100_ms"]))
            aims.append(aim(f"{what}, p95, {name}", SNAPSHOT_LIMIT if what == SNAPSHOT else LIMIT, f["p95_ms"], "ms"))
    return [
        f"## The live wall: {result['calls']:,} calls of a year in the database, a storm since an hour",
        "",
        *stamp_lines(result["about"]),
        f"- today {Storm.TODAY:,} calls, {Storm.HOUR:,} of them in the last hour; numbers and texts of 90 days present",
        f"- snapshot: {RUNNING} running calls counted and put together with the rest",
        "",
        *table(("", "p50 ms", "p95 ms", "longest ms"), rows),
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(wall)
