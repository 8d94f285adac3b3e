"""How soon after the click on "publish" a caller hears the new announcement, on SQLite and on PostgreSQL.

    .venv/bin/python -m bench.publish --write docs/benchmarks.md

The real service, the real Asterisk, the console's own form, and real calls: every 100 ms somebody who is known to live
there calls, is welcomed and told of their place. From the click on, the wait lasts until the beginning of the first of
these answers that holds the new announcement, as do all after it. It has words that nobody ever rendered.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from ivr.clock import now
from ivr.installation import install
from ivr.service import Service
from ivr.settings import Settings
from ivr.supervision import Supervised
from outages.board import AreaView
from people.roles import Role
from people.web import COOKIE
from prompts.prompt import Prompt

EVERY = 0.1
"""Seconds between two calls; how finely the wait is seen."""
BEFORE, AFTER = 1.5, 2.0
"""Seconds before and after the click in which answers begin; twice what is wanted."""
CALLS = round((BEFORE + AFTER) / EVERY)
ENOUGH = 3.0
"""Seconds of the announcement that a caller stays for."""
CAUSE = "pump_fault"
MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a known caller hears, part by part."""

    welcome: Announcement
    place: Announcement
    off: Announcement
    """The water is off, for the cause that is published here; or it is on, as before."""
    on: Announcement


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
            for caller in range(CALLS):
                await service.memory.remember(_number(n, caller), area.id)
        token = await signed_in(service, Role.publisher)
        heard = {area.id: await _parts(service, area) for area in areas}
    finally:
        await service.stop()
    took, refused = [], 0
    async with _up(settings, asterisk) as address, _desk(address, token) as browser:
        for n, area in enumerate(areas):
            phones = Telephones(settings.sip_port, audio=False)
            try:
                clicked, calls = await _trial(phones, browser, n, area, heard[area.id], word)
            finally:
                await phones.close()
            refused += sum(call.answered is None for call in calls)
            took.append(_waited(clicked, calls, heard[area.id]))
    return {
        **{f"p{share}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 100)},
        "calls": outages * CALLS,
        "unanswered": refused,
    }


def _free(service: Service) -> list[AreaView]:
    """Neighbourhoods of which nothing is said yet."""
    board, at = service.keeper.board, now()
    areas = [area for district in board.districts for area in board.within(district.id)]
    return [a for a in areas if not board.current(a.id, at) and not board.upcoming(a.id, at)]


def _number(n: int, caller: int) -> str:
    return f"+9053{n:04d}{caller:04d}"


async def _parts(service: Service, area: AreaView) -> Parts:
    say = service.catalogue.phrase
    off = say("outage.off", "tr", cause=say(f"cause.{CAUSE}", "tr").text)
    prompts = say("welcome.short", "tr"), here(service.keeper.board, area), off, say("outage.none", "tr")
    return Parts(*[await _heard_as(service, prompt) for prompt in prompts])


async def _heard_as(service: Service, prompt: Prompt) -> Announcement:
    await service.library.prepare([prompt])
    file = Path(f"{service.library.media(prompt)}.alaw")
    return Announcement(await asyncio.to_thread(file.read_bytes))


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
    phones: Telephones, browser: httpx.AsyncClient, n: int, area: AreaView, parts: Parts, word: str
) -> tuple[int, Sequence[Placed]]:
    """When was clicked, and all calls."""
    page = (await browser.get("/console/outages/new")).raise_for_status().text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    form = {"csrf": found[1], "area": str(area.id), "kind": "fault", "cause": CAUSE, "when": "şimdi +3 saat"}
    form |= {"announcement_tr": f"Tankerler {word} durakta, {n + 1}. sokakta bekliyor.", "do": "publish"}
    loop, patience = asyncio.get_running_loop(), parts.welcome.seconds + parts.place.seconds + ENOUGH
    click, calls, began = asyncio.create_task(_click(browser, form, parts.welcome.seconds + BEFORE)), [], loop.time()
    for turn in range(CALLS):
        await asyncio.sleep(began + turn * EVERY - loop.time())
        calls.append(asyncio.create_task(phones.call("185", _number(n, turn), "1", patience + 60, patience)))
    return await click, await asyncio.gather(*calls)


async def _click(browser: httpx.AsyncClient, form: dict[str, str], after: float) -> int:
    await asyncio.sleep(after)
    clicked = time.time_ns()
    answer = await browser.post("/console/outages/new", data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"the form was refused: {answer.status_code}")
    return clicked


def _waited(clicked: int, calls: Sequence[Placed], parts: Parts) -> float:
    """Milliseconds from the click to the beginning of the first answer from which on everybody heard of it."""
    sounds = [Sound.of(call.packets) for call in calls]
    answers = sorted(
        (at, parts.off.begun(sound) is not None)
        for sound in sounds
        if (at := parts.place.begun(sound)) and (parts.off.begun(sound) or parts.on.begun(sound))
    )
    told = [new for _, new in answers]
    if not told or (told[0] and answers[0][0] < clicked):
        raise RuntimeError("nobody heard anything, or somebody heard it before it was published")
    if not told[-1]:
        return AFTER * 1000  # at least
    first = len(told) - [*told[::-1], False].index(False)
    return (answers[first][0] - clicked) / MS


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
