"""How long after its commit callers hear of a new outage, its prompts rendered, on SQLite and on PostgreSQL.

    .venv/bin/python -m bench.board

PostgreSQL is a throw-away cluster, as in the tests; it does not wait for the disk.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from sqlalchemy import select

from bench.measure import percentile
from bench.report import aim, put, stamp, stamp_lines, table
from bench.setup import bench_settings, run
from callflows.speech import prompts_for
from ivr.cli.progress import Steps
from ivr.clock import now
from ivr.installation import install
from ivr.saying import standing_prompts
from ivr.service import Service
from ivr.settings import Settings
from outages.life import OutageFacts
from outages.models import Area
from outages.service import OutageService
from tests.clusters import new_cluster

LOOK_EVERY = 0.002
"""Seconds; how finely the board's change is seen."""
LONGEST = 30.0


def board(
    outages: Annotated[int, typer.Option(min=1, max=500, help="How many outages, one after the other.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how soon callers hear of a change."""
    settings = bench_settings()
    databases = {"SQLite": uvloop.run(_measure(settings, outages))}
    with postgresql() as url:
        databases["PostgreSQL"] = uvloop.run(_measure(settings.model_copy(update={"database_url": url}), outages))
    result = {"about": stamp("bench.board"), "databases": databases}
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "board", page)


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a throw-away server."""
    cluster = new_cluster()
    try:
        yield cluster.url("postgres")
    finally:
        cluster.remove()


async def _measure(settings: Settings, outages: int) -> dict[str, float]:
    with Steps() as steps:
        await install(settings, None, steps.now, steps.count)
    service = Service(settings)
    try:
        await service.start()
        # what the service renders by itself after a start must not be measured
        await service.library.prepare([p.slower() for p in standing_prompts(service.keeper.board, service.catalogue)])
        took = [await _heard_after(service, n) for n in range(outages)]
    finally:
        await service.stop()
    return {f"p{share}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 100)}


async def _heard_after(service: Service, n: int) -> float:
    """Milliseconds from before the commit until the board that callers are served from holds the outage."""
    async with service.db.session() as session:
        areas = (await session.scalars(select(Area.id).where(Area.kind == "neighbourhood").order_by(Area.id))).all()
        facts = OutageFacts(
            "fault",
            "network_fault",
            {areas[7 * n % len(areas)]: None},
            now() - timedelta(minutes=1),
            now() + timedelta(hours=2, minutes=5 * n),
            crew="on_the_way",
            announcement_tr=f"Tankerler {n + 1}. sokakta bekliyor.",
        )
        outage = await OutageService(session, now, "bench").create(facts)
        await asyncio.sleep(0.137 * (n % 7))  # so that the polling is met at any of its moments
        began = time.perf_counter()
        await session.commit()
    async with asyncio.timeout(LONGEST):
        while all(o.id != outage.id for o in service.keeper.board.outages):  # noqa: ASYNC110 — the keeper tells nobody
            await asyncio.sleep(LOOK_EVERY)
    took = (time.perf_counter() - began) * 1000
    unspoken = [p for p in prompts_for(service.keeper.board, now(), service.catalogue) if not service.library.has(p)]
    if unspoken:
        raise RuntimeError(f"callers are served from a board that was not rendered: {unspoken[0].text}")
    return took


def _page(result: dict[str, Any]) -> list[str]:
    databases = result["databases"]
    rows = [(name, f["p50_ms"], f["p95_ms"], f["p100_ms"]) for name, f in databases.items()]
    aims = [aim(f"commit to caller, p95, {name}", 1000, f["p95_ms"], "ms") for name, f in databases.items()]
    return [
        "## The board: from a committed outage to the next caller hearing it",
        "",
        *stamp_lines(result["about"]),
        "",
        *table(("database", "p50 ms", "p95 ms", "longest ms"), rows),
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(board)
