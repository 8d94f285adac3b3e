"""How soon after the click on "publish" a caller hears the new announcement, on SQLite and on PostgreSQL.

    .venv/bin/python -m bench.publish --write docs/benchmarks.md

The real service, the real Asterisk, the console's own form, and real calls: from just before the click on, somebody who
is known to live there calls every 50 ms. The wait is over with the first caller from whom on everybody hears the new
announcement. It has words of its own, which nobody ever rendered.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop

from bench.board import postgresql
from bench.caller import Placed, Telephones
from bench.measure import percentile
from bench.people import signed_in
from bench.report import aim, put, stamp, stamp_lines, table
from bench.rtp import Announcement, Sound
from bench.setup import bench_settings, run
from callflows.speech import here
from ivr.asterisk.configure import configure
from ivr.asterisk.install import Asterisk, ensure_asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.cli.progress import Steps
from ivr.installation import install
from ivr.service import Service, now
from ivr.settings import Settings
from ivr.supervision import Supervised
from outages.board import AreaView
from people.roles import Role
from people.web import COOKIE

EVERY = 0.05
"""Seconds between two calls; how finely the wait is seen."""
BEFORE, AFTER = 2, 40
"""Calls before the click and after it: two seconds, twice what is wanted."""
ENOUGH = 1.5
"""Seconds of the announcement that a caller stays for."""
CAUSE = "pump_fault"
MS = 1_000_000


def publish(
    outages: Annotated[int, typer.Option(min=1, max=200, help="How many outages, one after the other.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how soon callers hear what was published in the console."""
    asterisk = ensure_asterisk()
    settings = bench_settings().model_copy(update={"driver": "agi"})
    databases = {"SQLite": uvloop.run(_measure(settings, asterisk, outages, "birinci"))}
    with postgresql() as url:
        other = settings.model_copy(update={"database_url": url})
        databases["PostgreSQL"] = uvloop.run(_measure(other, asterisk, outages, "ikinci"))
    result = {"about": stamp("bench.publish", driver="FastAGI"), "databases": databases}
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "publish", page)


async def _measure(settings: Settings, asterisk: Asterisk, outages: int, word: str) -> dict[str, float]:
    with Steps() as steps:
        await install(settings, asterisk, steps.now, steps.count)
    service = Service(settings)
    try:
        await service.keeper.refresh()
        areas = _free(service)[:outages]
        for n, area in enumerate(areas):
            for caller in range(BEFORE + AFTER):
                await service.memory.remember(_number(n, caller), area.id)
        token = await signed_in(service, Role.publisher)
        expected = await _expected(service)
        lead = {area.id: await _seconds_before(service, area) for area in areas}
    finally:
        await service.stop()
    took, refused = [], 0
    async with _up(settings, asterisk) as address, _desk(address, token) as browser:
        for n, area in enumerate(areas):
            phones = Telephones(settings.sip_port, audio=False)
            try:
                clicked, calls = await _trial(phones, browser, n, area, lead[area.id] + ENOUGH, word)
            finally:
                await phones.close()
            refused += sum(call.answered is None for call in calls)
            took.append(_waited(clicked, calls, expected))
    return {
        **{f"p{share}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 100)},
        "calls": outages * (BEFORE + AFTER),
        "unanswered": refused,
    }


def _free(service: Service) -> list[AreaView]:
    """Neighbourhoods of which nothing is said yet."""
    board, at = service.keeper.board, now()
    areas = [area for district in board.districts for area in board.within(district.id)]
    return [a for a in areas if not board.current(a.id, at) and not board.upcoming(a.id, at)]


def _number(n: int, caller: int) -> str:
    return f"+9053{n:04d}{caller:04d}"


async def _expected(service: Service) -> Announcement:
    """What is said only where the water is off for this cause."""
    catalogue = service.catalogue
    off = catalogue.phrase("outage.off", "tr", cause=catalogue.phrase(f"cause.{CAUSE}", "tr").text)
    await service.library.prepare([off])
    media = service.library.media(off)
    if media is None:
        raise RuntimeError(f"not rendered: {off.text}")
    return Announcement(Path(f"{media}.alaw").read_bytes())


async def _seconds_before(service: Service, area: AreaView) -> float:
    """How long a known caller listens before the outage comes."""
    said = [service.catalogue.phrase("welcome.short", "tr"), here(service.keeper.board, area)]
    await service.library.prepare(said)
    return sum(service.library.seconds(prompt) for prompt in said) + 1


@asynccontextmanager
async def _up(settings: Settings, asterisk: Asterisk) -> AsyncIterator[str]:
    address = f"http://{settings.probe_host}:{settings.port}"
    command = [sys.executable, "-m", "ivr", "serve"]
    log_file = settings.state / "bench.log"
    service = Supervised(command, f"{address}/health", log_file, environment=settings.as_environment())
    configure(settings, asterisk)
    server = AsteriskServer(asterisk, settings)
    try:
        await service.start()
        await server.start()
        await asyncio.sleep(20)  # the slow pace, which is rendered after a start, is not what is measured
        yield address
    finally:
        await server.stop()
        await service.stop()


@asynccontextmanager
async def _desk(address: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    origin = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=address, trust_env=False, cookies={COOKIE: token}, headers=origin) as desk:
        yield desk


async def _trial(
    phones: Telephones, browser: httpx.AsyncClient, n: int, area: AreaView, patience: float, word: str
) -> tuple[int, Sequence[Placed]]:
    page = (await browser.get("/console/outages/new")).raise_for_status().text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    form = {"csrf": found[1], "area": str(area.id), "kind": "fault", "cause": CAUSE, "when": "şimdi +3 saat"}
    form |= {"announcement_tr": f"Tankerler {word} durakta, {n + 1}. sokakta bekliyor.", "do": "publish"}
    loop, began, calls = asyncio.get_running_loop(), asyncio.get_running_loop().time(), []
    click: asyncio.Task[int] | None = None
    for turn in range(BEFORE + AFTER):
        await asyncio.sleep(began + turn * EVERY - loop.time())
        if turn == BEFORE:
            click = asyncio.create_task(_click(browser, form))
        number = _number(n, turn)
        calls.append(asyncio.create_task(phones.call("185", number, "1", patience + 60, patience)))
    assert click
    return await click, await asyncio.gather(*calls)


async def _click(browser: httpx.AsyncClient, form: dict[str, str]) -> int:
    clicked = time.time_ns()
    answer = await browser.post("/console/outages/new", data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"the form was refused: {answer.status_code}")
    return clicked


def _waited(clicked: int, calls: Sequence[Placed], expected: Announcement) -> float:
    """Milliseconds from the click to the first call from which on everybody heard it."""
    heard = [expected.begun(Sound.of(call.packets)) for call in calls]
    if not heard[-1]:
        raise RuntimeError(f"not heard {AFTER * EVERY:g} s after the click")
    if any(heard[:BEFORE]):
        raise RuntimeError("heard before it was published")
    first = len(heard) - heard[::-1].index(False)
    return (calls[first].invited - clicked) / MS


def _page(result: dict[str, Any]) -> list[str]:
    databases = result["databases"]
    rows = [
        (name, f["calls"], f["unanswered"], f["p50_ms"], f["p95_ms"], f["p100_ms"]) for name, f in databases.items()
    ]
    aims = [aim(f"click to call, p95, {name}", 1000, f["p95_ms"], "ms") for name, f in databases.items()]
    return [
        "## Publishing: from the click in the console to the new announcement on a call",
        "",
        *stamp_lines(result["about"]),
        f"- a call every {EVERY * 1000:g} ms: the wait is told that finely",
        "",
        *table(("database", "calls", "of them unanswered", "p50 ms", "p95 ms", "longest ms"), rows),
        "",
        *table(("aim", "wanted", "measured", "held"), aims),
    ]


if __name__ == "__main__":
    run(publish)
