"""How a list of all subscribers is taken in, and once more; and what calls notice of a list in the console.

    .venv/bin/python -m bench.subscribers --write docs/benchmarks.md

The list is taken in by the program as a clerk starts it. PostgreSQL is a throw-away cluster, as in the tests; it
waits for no disk.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
import uvloop
from sqlalchemy import func, select

from bench.board import postgresql
from bench.measure import Process, percentiles
from bench.report import aim, put, stamp, stamp_lines, table, three
from bench.setup import bench_settings, run
from bench.subscriber_list import FIRST_NUMBER, write_list
from ivr.cli.progress import Steps
from ivr.clock import now
from ivr.settable import ROOT
from ivr.settings import Settings
from outages.area_import import apply_areas
from outages.gazetteer import load_city
from outages.seeds import AreaSeed
from outages.tables import Record
from people.audit import use_secret
from storage.database import Database
from storage.types import use_key
from subscribers.check_digit import with_check_digit
from subscribers.directory import Directory
from subscribers.files import digest_of, read_file
from subscribers.importer import Importer, Origin, reader_of
from subscribers.models import SubscriberRow

SUBSCRIBERS = 970_454
"""Of the utility's own count."""
IN_CONSOLE = 10_000
"""As many rows as the console takes."""
BESIDE = "yeni.csv"
LOOK_UPS = 300
TICK = 0.002
"""Seconds between two looks at whether the event loop is held up."""
WANTED = {"new": 600.0, "again": 300.0, "memory": 400.0, "stall": 50.0, "look_up": 50.0}


@dataclass(frozen=True)
class Run:
    """One run of the program."""

    seconds: float
    cpu: float
    """Seconds of the program itself."""
    server: float
    """Seconds of the database's server."""
    peak_mb: float
    told: dict[str, Any]
    progress: int
    """Lines about how far it had come."""


def subscribers(
    rows: Annotated[int, typer.Option(min=1000, help="Rows of the list.")] = SUBSCRIBERS,
    sqlite: Annotated[bool, typer.Option(help="Also on SQLite, for which nothing is promised.")] = False,
    priority: Annotated[int, typer.Option(min=-20, max=0, help="Of measuring, where others are at work too.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how long a list of all subscribers takes."""
    settings = bench_settings().model_copy(update={"subscriber_check": "luhn"})
    settings.state.mkdir(parents=True, exist_ok=True)
    use_key(settings.secret("database-key"))
    use_secret(settings.secret("audit"), None)
    areas, file = load_city("41"), settings.state / "aboneler.csv"
    load, bad_line = os.getloadavg()[0], rows // 2
    databases: dict[str, Any] = {}
    os.setpriority(os.PRIO_PROCESS, 0, priority)  # servers and programs that are started from here inherit it
    with Steps() as steps:
        steps.now(f"writing a list of {rows} subscribers")
        write_list(file, rows, areas, bad_line)
        with postgresql() as url:
            databases["PostgreSQL"] = _measure(settings.model_copy(update={"database_url": url}), file, areas, steps)
        if sqlite:
            databases["SQLite"] = _measure(settings, file, areas, steps)
    about = stamp(
        "bench.subscribers",
        rows=f"{rows}, of them one bad, in line {bad_line}; {file.stat().st_size / 1e6:.0f} MB",
        load=f"{load:.1f} before, {os.getloadavg()[0]:.1f} after",
    )
    for each in (file, file.with_name(BESIDE)):
        each.unlink()
    page = _page({"about": about, "databases": databases}, rows, bad_line)
    print(json.dumps({"about": about, "databases": databases}, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "subscribers", page)


def _measure(settings: Settings, file: Path, areas: list[AreaSeed], steps: Steps) -> dict[str, Any]:
    uvloop.run(_prepare(settings.database, areas))
    done: dict[str, Any] = {}
    for which in ("new", "again"):
        steps.now(f"taking the list in: {which}")
        done[which] = vars(_program(settings, file))
        done[f"{which}_state"] = uvloop.run(_state(settings.database))
    steps.now("a list in the console, beside calls")
    return done | uvloop.run(_beside_calls(settings, file.with_name(BESIDE), areas))


async def _prepare(url: str, areas: list[AreaSeed]) -> None:
    db = Database(url)
    await db.migrate()
    await apply_areas(db, areas)
    await db.close()


def _program(settings: Settings, file: Path) -> Run:
    out, err = file.with_suffix(".json"), file.with_suffix(".log")
    server = _server(settings)
    before, began = server.cpu_ms() if server else 0.0, time.perf_counter()
    command = [sys.executable, "-m", "ivr", "subscribers", "import", str(file), "--json"]
    environment = {**os.environ, **settings.as_environment()}
    with out.open("wb") as told, err.open("wb") as progress:
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=progress)
        used = os.wait4(started.pid, 0)[2]
    seconds, served = time.perf_counter() - began, server.cpu_ms() - before if server else 0.0
    lines = sum("%" in line for line in err.read_text().splitlines())
    found = json.loads(out.read_text())
    return Run(seconds, used.ru_utime + used.ru_stime, served / 1000, used.ru_maxrss / 1024, found, lines)


def _server(settings: Settings) -> Process | None:
    folder = Database(settings.database).url.query.get("host")
    return Process(int((Path(str(folder)) / "data" / "postmaster.pid").read_text().splitlines()[0])) if folder else None


async def _state(url: str) -> list[str]:
    """Another one once anything was written to any subscriber."""
    db = Database(url)
    async with db.reading() as session:
        found = await session.execute(select(func.count(), func.max(SubscriberRow.updated), func.max(SubscriberRow.id)))
        state = [str(value) for value in found.one()]
    await db.close()
    return state


async def _beside_calls(settings: Settings, file: Path, areas: list[AreaSeed]) -> dict[str, Any]:
    """A list as large as the console takes, looked at and kept by a process that also answers calls."""
    write_list(file, IN_CONSOLE, areas, first_number=9 * FIRST_NUMBER)
    db, secret = Database(settings.database), settings.secret("caller-hash")
    reader = await reader_of(db, settings.subscriber_check, ZoneInfo(settings.timezone))
    gaps: list[float] = []
    watching = asyncio.create_task(_watch(gaps))
    took = await _look_ups(db, secret)
    gaps.clear()
    await Importer(db, reader, now, secret, "bench").look(_each(file))
    importer = Importer(db, reader, now, secret, "bench")
    report = await importer.run(_each(file), Origin(digest_of(file), file.name, "file"))
    watching.cancel()
    assert report.new == IN_CONSOLE, report
    await db.close()
    return {"stall_ms": percentiles(gaps), "longest_stall_ms": max(gaps), "look_up_ms": percentiles(took)}


async def _watch(gaps: list[float]) -> None:
    """Milliseconds by which a caller's key would have been answered late."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        gaps.append((time.perf_counter() - began - TICK) * 1000)


async def _look_ups(db: Database, secret: str) -> list[float]:
    """Callers who type their number, each another one."""
    directory, took = Directory(db, now, secret, scheme="luhn"), []
    for index in range(LOOK_UPS):
        number = with_check_digit(str(FIRST_NUMBER + index), "luhn") or ""
        began = time.perf_counter()
        found = await directory.area_of_number(number, f"+90532{index:07}")
        took.append((time.perf_counter() - began) * 1000)
        assert found is not None
    return took


async def _each(file: Path) -> AsyncIterator[Record]:
    for record in read_file(file):
        yield record


def _page(result: dict[str, Any], rows: int, bad_line: int) -> list[str]:
    figures: list[tuple[object, ...]] = []
    for db, told in result["databases"].items():
        for which, what in (("new", "all rows new"), ("again", "the same list again")):
            one = told[which]
            counts = ", ".join(f"{one['told'][name]} {name}" for name in ("new", "changed", "same", "bad"))
            speed = f"{rows / one['seconds']:.0f} rows a second"
            cost = f"{one['cpu']:.0f} + {one['server']:.0f}"
            figures.append((db, what, f"{one['seconds']:.0f}", speed, cost, f"{one['peak_mb']:.0f}", counts))
    held = result["databases"]["PostgreSQL"]
    told_bad = [(error["line"], error["reason"]) for error in held["new"]["told"]["errors"]]
    aims = [
        aim("all subscribers new", WANTED["new"], held["new"]["seconds"], "s"),
        aim("the same list again", WANTED["again"], held["again"]["seconds"], "s"),
        aim("the program's memory at its peak", WANTED["memory"], held["new"]["peak_mb"], "MB"),
        aim("rows changed by the second run", 0, int(held["new_state"] != held["again_state"]), ""),
        aim("bad rows told with another line than theirs", 0, int([line for line, _ in told_bad] != [bad_line]), ""),
        aim("a caller's number looked up, p95", WANTED["look_up"], held["look_up_ms"]["p95"], "ms"),
        aim("calls held up by a list in the console, p99", WANTED["stall"], held["stall_ms"]["p99"], "ms"),
    ]
    return [
        f"## All subscribers: a list of {rows:,} rows",
        "",
        *stamp_lines(result["about"]),
        f"- the bad row, as the program told of it: {'; '.join(f'line {line}: {why}' for line, why in told_bad)}",
        f"- progress was told {held['new']['progress']} times",
        "",
        *table(("database", "what", "seconds", "speed", "CPU s, program + server", "peak MB", "rows"), figures),
        "",
        f"A list of {IN_CONSOLE:,} rows in the console, looked at and kept by the process that answers calls: what is"
        f" due there waits {three(held['stall_ms'])} ms longer (p50 / p95 / p99; at most"
        f" {held['longest_stall_ms']:.0f} ms)."
        f" A caller's number is looked up in {three(held['look_up_ms'])} ms.",
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(subscribers)
