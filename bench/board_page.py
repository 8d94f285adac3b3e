"""How soon the board page is there, with years of history behind it and a very bad day on it.

    .venv/bin/python -m bench.board_page --write docs/benchmarks.md

The real service as a process of its own, asked by one browser after the other. PostgreSQL is a throw-away cluster.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop
from sqlalchemy import select

from bench.board import postgresql
from bench.measure import percentile
from bench.people import signed_in
from bench.report import aim, put, stamp, stamp_lines, table
from bench.setup import bench_settings, run
from ivr.cli.progress import Steps
from ivr.clock import now
from ivr.installation import install
from ivr.service import Service
from ivr.settings import Settings
from ivr.supervision import Supervised
from outages.life import OutageFacts
from outages.models import Area
from outages.service import OutageService
from people.roles import Role
from people.web import COOKIE

BATCH = 500
"""Outages of one transaction."""
PAGES = {"the page": "/console", "what moves on it": "/console/board", "with every outage": "/console?all=true"}
"""What the browser asks for at first and after each change, and what few people ask for."""
CAUSES = ("network_fault", "pipe_burst", "pump_fault", "power_cut")


def board_page(
    history: Annotated[int, typer.Option(min=0, help="Outages that are over.")] = 10_000,
    current: Annotated[int, typer.Option(min=1, help="Outages that people have now.")] = 500,
    asked: Annotated[int, typer.Option(min=20, help="How often each page is asked for.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how soon the board page is there."""
    settings = bench_settings()
    databases = {"SQLite": uvloop.run(_measure(settings, history, current, asked))}
    with postgresql() as url:
        other = settings.model_copy(update={"database_url": url})
        databases["PostgreSQL"] = uvloop.run(_measure(other, history, current, asked))
    about = stamp("bench.board_page", outages=f"{history} that are over, {current} now", asked=f"{asked} times")
    page = _page({"about": about, "databases": databases})
    print(json.dumps({"about": about, "databases": databases}, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "board page", page)


async def _measure(settings: Settings, history: int, current: int, asked: int) -> dict[str, Any]:
    with Steps() as steps:
        await install(settings, None, steps.now, steps.count)
        steps.now(f"writing {history + current} outages")
        token = await _fill(settings, history, current)
        steps.now("starting the service, which renders what callers hear of them")
        address = f"http://{settings.probe_host}:{settings.port}"
        service = Supervised(
            [sys.executable, "-m", "ivr", "serve"],
            f"{address}/health",
            settings.state / "bench.log",
            environment=settings.as_environment(),
        )
        try:
            await service.start()
            steps.now("asking for the board")
            return {name: await _ask(f"{address}{path}", token, asked) for name, path in PAGES.items()}
        finally:
            await service.stop()


async def _fill(settings: Settings, history: int, current: int) -> str:
    """Past and present; the token of somebody who is signed in."""
    service = Service(settings)
    try:
        async with service.db.reading() as session:
            query = select(Area.id).where(Area.kind == "neighbourhood", Area.active).order_by(Area.id)
            areas = (await session.scalars(query)).all()
        wanted = [_past(areas, n) for n in range(history)] + [_present(areas, n) for n in range(current)]
        for start in range(0, len(wanted), BATCH):
            async with service.db.session() as session:
                for at, facts in wanted[start : start + BATCH]:
                    await OutageService(session, at, "bench").create(facts)
                await session.commit()
        return await signed_in(service, Role.operator)
    finally:
        await service.db.close()


def _past(areas: Sequence[int], n: int) -> tuple[Callable[[], datetime], OutageFacts]:
    """One every hour or so, each over after a few hours."""
    starts = now() - timedelta(days=2, hours=n)
    ended = starts + timedelta(hours=1 + n % 9)
    return lambda: ended, _outage(areas, n, starts, ended, ended)


def _present(areas: Sequence[int], n: int) -> tuple[Callable[[], datetime], OutageFacts]:
    """Begun within the last half day."""
    starts = now() - timedelta(hours=1 + n % 12)
    return now, _outage(areas, n, starts, now() + timedelta(minutes=30 * (n % 20 + 1)))


def _outage(
    areas: Sequence[int], n: int, starts: datetime, expected_end: datetime, ended: datetime | None = None
) -> OutageFacts:
    places = dict.fromkeys(areas[(3 * n + i) % len(areas)] for i in range(1 + n % 4))
    return OutageFacts("fault", CAUSES[n % len(CAUSES)], places, starts, expected_end, ended, subscribers=100 + n % 900)


async def _ask(url: str, token: str, times: int) -> dict[str, float]:
    async with httpx.AsyncClient(trust_env=False, timeout=30, cookies={COOKIE: token}) as browser:
        took, size = [], 0
        for turn in range(times + 5):
            began = time.perf_counter()
            answer = await browser.get(url)
            if turn >= 5:  # connections and caches of the first are not what people wait for
                took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{url} answered {answer.status_code}")
            size = len(answer.content)
    return {**{f"p{share}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 100)}, "kb": size // 1024}


def _page(result: dict[str, Any]) -> list[str]:
    asked = [(db, name, f) for db, pages in result["databases"].items() for name, f in pages.items()]
    rows = [(db, name, f["kb"], f["p50_ms"], f["p95_ms"], f["p100_ms"]) for db, name, f in asked]
    aims = [aim(f"{name}, p95, {db}", 150, f["p95_ms"], "ms") for db, name, f in asked if name == "the page"]
    return [
        "## The board page with a long history and a very bad day",
        "",
        *stamp_lines(result["about"]),
        "",
        *table(("database", "page", "kB", "p50 ms", "p95 ms", "longest ms"), rows),
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(board_page)
