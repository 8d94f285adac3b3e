"""How many pages a second one process serves to the city, and how long each waits, while operators go on publishing.

    .venv/bin/python -m bench.public --write docs/benchmarks.md

The service is the real one, telephone and console included; the browsers are this process, on the other processor.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop
from sqlalchemy import select

from bench.browsers import Seen, as_many_as_can, at_a_rate
from bench.measure import Process, percentiles
from bench.report import aim, put, stamp, stamp_lines, table, three
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

WANTED = 1000
"""Requests a second."""
CHANGE_EVERY = 2.0
"""Seconds between two changes by an operator while the city looks."""
LOOK, BUSY, LONGEST_START = 3, 150, 300
FEEDS = ("outages.atom", "outages.ics", "outages.geojson", "kesintiler.json")


def public(
    outages: Annotated[int, typer.Option(min=1, max=400, help="Current outages besides the demonstration.")] = 100,
    seconds: Annotated[float, typer.Option(min=1, max=300, help="Length of each measurement.")] = 15,
    connections: Annotated[int, typer.Option(min=1, max=500, help="Kept-alive connections.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure the public pages and feeds."""
    settings = bench_settings()
    result = uvloop.run(_measure(settings, outages, seconds, connections))
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "public", page)


async def _measure(settings: Settings, outages: int, seconds: float, connections: int) -> dict[str, Any]:
    with Steps() as steps:
        await install(settings, None, steps.now, steps.count)
    await _publish(settings, outages)
    served = Supervised(
        [sys.executable, "-m", "bench.serve", "0"],
        f"http://127.0.0.1:{settings.port}/health",
        settings.state / "bench.log",
        environment=settings.as_environment(),
    )
    try:
        await served.start()
        assert served.pid
        process = Process(served.pid)
        await _quiet(process)
        paths = await _paths(settings.port)
        most, most_cpu = await _lap(process, as_many_as_can(settings.port, _requests(paths), connections, seconds))
        changing = asyncio.create_task(_keep_changing(settings))
        try:
            even, even_cpu = await _lap(
                process, at_a_rate(settings.port, _requests(paths), connections, seconds, WANTED)
            )
        finally:
            changing.cancel()
            await asyncio.gather(changing, return_exceptions=True)
        return {
            "about": stamp("bench.public"),
            "outages": outages,
            "addresses": len(paths),
            "connections": connections,
            "as many as can": _summary(most, most_cpu),
            f"{WANTED} a second": _summary(even, even_cpu),
            "peak_mb": round(process.peak_mb(), 1),
        }
    finally:
        await served.stop()


async def _publish(settings: Settings, count: int) -> None:
    service = Service(settings)
    try:
        async with service.db.session() as session:
            areas = (await session.scalars(select(Area.id).where(Area.kind == "neighbourhood"))).all()
            facts = OutageFacts("fault", "pipe_burst", {}, now() - timedelta(hours=1), now() + timedelta(hours=5))
            operator = OutageService(session, now, "bench")
            for n in range(count):
                await operator.create(
                    replace(facts, areas={areas[3 * n % len(areas)]: None, areas[7 * n % len(areas)]: None})
                )
            await session.commit()
    finally:
        await service.db.close()


async def _quiet(process: Process) -> None:
    """Wait until the service has rendered all that it renders after a start."""
    for _ in range(LONGEST_START // LOOK):
        before = process.cpu_ms()
        await asyncio.sleep(LOOK)
        if process.cpu_ms() - before < BUSY * LOOK:
            return
    raise RuntimeError(f"the service is still busy after {LONGEST_START} s with nobody asking")


async def _paths(port: int) -> list[str]:
    """Every page in both languages, and the feeds of every district."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        listed = (await client.get("/sitemap.xml")).raise_for_status().text
    pages = [part.split("</loc>")[0].split("/", 3)[3] for part in listed.split("<loc>")[1:]]
    districts = [page for page in pages if page and "/" not in page and page not in ("en", "feeds")]
    return [
        *(f"/{page}" for page in pages),
        *(f"/feeds/{name}" for name in FEEDS),
        *(f"/feeds/{district}/{name}" for district in districts for name in FEEDS),
    ]


def _requests(paths: list[str]) -> Iterator[bytes]:
    """The start page often, every other address at random; compressed, as browsers ask."""
    chance = random.Random(185)
    built = [
        f"GET {path} HTTP/1.1\r\nHost: su.example\r\nAccept-Encoding: gzip, deflate, br\r\nAccept: text/html,*/*\r\n"
        "Accept-Language: tr\r\nUser-Agent: Mozilla/5.0 (bench)\r\n\r\n".encode()
        for path in paths
    ]
    while True:
        yield built[0] if chance.random() < 0.2 else chance.choice(built)


async def _keep_changing(settings: Settings) -> None:
    """An operator at work: every change makes everything that was rendered old."""
    key = {"X-API-Key": settings.secret("api-key")}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}/api/v1", trust_env=False) as client:
        for turn in range(10_000):
            crew = ("on_site", "working")[turn % 2]
            (await client.patch("/outages/7", json={"crew": crew}, headers=key)).raise_for_status()
            await asyncio.sleep(CHANGE_EVERY)


async def _lap(process: Process, asking: Any) -> tuple[Seen, float]:
    before = process.cpu_ms()
    seen = await asking
    return seen, process.cpu_ms() - before


def _summary(seen: Seen, cpu_ms: float) -> dict[str, Any]:
    return {
        "requests": len(seen.took),
        "a_second": round(seen.rate),
        "ms": percentiles(seen.took),
        "cpu_ms_each": round(cpu_ms / len(seen.took), 3),
        "failed": sum(count for status, count in seen.statuses.items() if status != 200),
        "kib_each": round(seen.bytes / len(seen.took) / 1024, 1),
    }


def _page(result: dict[str, Any]) -> list[str]:
    laps = {name: result[name] for name in ("as many as can", f"{WANTED} a second")}
    rows = [
        (name, lap["requests"], lap["failed"], lap["a_second"], three(lap["ms"]), lap["cpu_ms_each"], lap["kib_each"])
        for name, lap in laps.items()
    ]
    most, even = laps.values()
    held = [
        ("requests a second", f"≥ {WANTED}", str(most["a_second"]), "yes" if most["a_second"] >= WANTED else "NO"),
        aim("failed requests", 0, most["failed"] + even["failed"], "requests"),
    ]
    return [
        "## The public pages: one process, all addresses of a province, while an operator goes on changing outages",
        "",
        *stamp_lines(result["about"]),
        f"- {result['outages']} current outages, {result['addresses']} addresses, {result['connections']} connections",
        "",
        *table(("load", "requests", "failed", "a second", "wait ms", "CPU ms each", "KiB each"), rows),
        "",
        "Waits are p50 / p95 / p99, from when the request was due. At the even rate an operator changes an outage"
        f" every {CHANGE_EVERY:g} s, and whatever shows it is made anew. Memory of the service: {result['peak_mb']} MB"
        " at its peak.",
        "",
        *table(("aim", "wanted", "measured", "held"), held),
    ]


if __name__ == "__main__":
    run(public)
