"""Fifty agents and two hundred callers who wait, by SIPp: how soon an agent sees who calls, and what callers are told.

    .venv/bin/python -m bench.desk

The service, Asterisk and the pages as they are; callers go through the line, press 0 and wait; more come while agents
answer. SIPp (`bench/sipp/`) places the calls and answers them. Two things it cannot do: listen and press a key without
being root, which `bench/crowd.py` does for its calls, and SIP over an encrypted WebSocket, so that agents have plain
telephones. Fifty browsers would be measured in the place of the service: agents' pages are read as browsers read them.
"""

import asyncio
import json
import re
import socket
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop

from bench.crowd import Crowd
from bench.desk_crew import AgentPage, crew
from bench.desk_judging import joined, judged, page_of
from bench.line import announcement
from bench.measure import Process
from bench.report import put, stamp
from bench.setup import bench_settings, free_port, run
from bench.sipp_run import HOST, Sipp, ensure_sipp, write_fields
from bench.told import Ear, queue_sounds
from ivr import dialplan
from ivr.asterisk.configure import Folders, configure
from ivr.asterisk.install import Asterisk, ensure_asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.cli.progress import Steps
from ivr.installation import install
from ivr.settings import Settings
from ivr.supervision import Supervised
from people.web import COOKIE
from prompts.catalogue import load_catalogue
from prompts.engines import engine_for
from prompts.library import PromptLibrary

CALLS_A_SECOND = 8.0
LATER_A_SECOND = 2.0
READY_A_SECOND = 5.0
PATIENCE = 200.0
QUEUE_LOG = "queue_log"
ENDPOINT = """
[{name}](alo185-phone)
context = alo185-desk
aors = {name}
send_pai = yes
device_state_busy_at = 1
[{name}]
type = aor
contact = sip:{name}@127.0.0.1:{port}
"""


@dataclass(frozen=True, slots=True)
class Plan:
    agents: int
    callers: int
    later: int
    talk: float
    listened: int


def desk(
    agents: Annotated[int, typer.Option(min=1, max=200, help="Agents who become ready.")] = 50,
    callers: Annotated[int, typer.Option(min=1, max=240, help="Callers who wait before the first is.")] = 200,
    later: Annotated[int, typer.Option(min=0, help="Callers who come while agents answer.")] = 40,
    talk: Annotated[float, typer.Option(min=0.5, help="Seconds of each conversation.")] = 15.0,
    listened: Annotated[int, typer.Option(min=1, help="Listen with every so many-th caller.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the tables into this page.")] = None,
) -> None:
    """Measure the agents' desk under a full queue."""
    ensure_sipp()
    result = uvloop.run(_measure(bench_settings(), ensure_asterisk(), Plan(agents, callers, later, talk, listened)))
    page = page_of(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "desk", page)


async def _measure(settings: Settings, asterisk: Asterisk, plan: Plan) -> dict[str, Any]:
    with Steps() as steps:
        await install(settings, asterisk, steps.now, steps.count)
    agents = await crew(settings, plan.agents)
    address = f"http://{settings.probe_host}:{settings.port}"
    command = [sys.executable, "-m", "ivr", "serve"]
    log_file = settings.state / "bench.log"
    service = Supervised(command, f"{address}/health", log_file, environment=settings.as_environment())
    server, ari = AsteriskServer(asterisk, settings), _ari(settings)
    phones_port, talking = free_port(socket.SOCK_DGRAM), None

    pages = [AgentPage(agent, address, COOKIE) for agent in agents]
    try:
        await service.start()
        configure(settings, asterisk)
        _add_agents(Folders(settings.asterisk.absolute()), [agent.phone for agent in agents], phones_port)
        await server.start()
        async with Sipp("agents", settings.state, phones_port) as phones:
            talking = asyncio.create_task(_talk(phones, plan.talk, ari))
            return await _run(settings, plan, pages, phones, (server, service))
    finally:
        if talking:
            talking.cancel()
        for page in pages:
            await page.close()
        await server.stop()
        await service.stop()
        await ari.aclose()


async def _talk(phones: Sipp, lasts: float, ari: httpx.AsyncClient) -> None:
    """Callers hang up when they have talked long enough: their channel is ended, as their own telephone would."""
    over: set[str] = set()
    while True:
        answered = {line.fields[1]: line.at for line in phones.lines() if line.event == "answered"}
        for caller in [caller for caller, at in answered.items() if caller not in over and at + lasts < time.time()]:
            over.add(caller)
            await ari.delete(f"/channels/{caller}")
        await asyncio.sleep(0.25)


async def _run(
    settings: Settings, plan: Plan, pages: list[AgentPage], phones: Sipp, running: tuple[AsteriskServer, Supervised]
) -> dict[str, Any]:
    for page in pages:
        await page.open()
        await page.pause()  # whoever calls while nobody is at the desk is told so, and does not wait
    crowd = Crowd([f"0532{number:07d}" for number in range(plan.callers + plan.later)], plan.listened)
    async with AsyncExitStack() as calls:
        calls.push_async_callback(crowd.close)
        first = await calls.enter_async_context(_calls(settings, crowd, slice(plan.callers), CALLS_A_SECOND))
        waiting = await _waiting(running[0], plan.callers)
        asterisk, service = Process(running[0].pid or 0), Process(running[1].pid or 0)
        cpu, opened = (asterisk.cpu_ms(), service.cpu_ms()), time.monotonic()
        for page in pages:
            await page.ready()
            await asyncio.sleep(1 / READY_A_SECOND)
        rest = slice(plan.callers, None)
        later = await calls.enter_async_context(_calls(settings, crowd, rest, LATER_A_SECOND))
        verdicts = [await sipp.done(PATIENCE) for sipp in (first, later)]
        seconds = time.monotonic() - opened
    ear, log = await _ear(settings), (Folders(settings.asterisk.absolute()).log / QUEUE_LOG).read_text()
    return {
        "about": stamp("bench.desk"),
        "agents": plan.agents,
        "callers": plan.callers,
        "later": plan.later,
        "waiting_before_the_first_agent": waiting,
        "runs_with_failed_calls": sum(map(bool, verdicts)),
        "refused_to_agents": sorted({each for page in pages for each in page.refused}),
        **judged([page.agent for page in pages], crowd.callers, ear, phones.lines(), joined(log)),
        "asterisk_cpu_ms_per_second": round((asterisk.cpu_ms() - cpu[0]) / seconds, 1),
        "service_cpu_ms_per_second": round((service.cpu_ms() - cpu[1]) / seconds, 1),
    }


def _add_agents(folders: Folders, phones: list[str], port: int) -> None:
    """Telephones of their own, and Asterisk's own account of who joined the queue in which order."""
    with (folders.etc / "pjsip.conf").open("a") as out:
        out.writelines(ENDPOINT.format(name=phone, port=port) for phone in phones)
    logger = folders.etc / "logger.conf"
    logger.write_text(logger.read_text().replace("queue_log = no", "queue_log = yes"))
    (folders.log / QUEUE_LOG).unlink(missing_ok=True)


async def _ear(settings: Settings) -> Ear:
    """Knows what the service says of the wait, and what Asterisk says of the place."""
    library = PromptLibrary(settings.prompts, engine_for(settings.speech_engine, settings.piper_voice))
    catalogue = load_catalogue()
    said = {word: catalogue.phrase(f"queue.{word}", "tr") for word in ("holdtime", "minute")}
    await library.prepare(said.values())
    files = {word: library.media(prompt) for word, prompt in said.items()}
    await library.close()
    sounds = queue_sounds(Folders(settings.asterisk.absolute()).sounds / "tr")
    return Ear({**sounds, **{word: announcement(str(file)).audio for word, file in files.items()}})


def _calls(settings: Settings, crowd: Crowd, which: slice, rate: float) -> Sipp:
    """Calls of these callers, by a SIPp of their own."""
    callers = crowd.callers[which]
    fields = write_fields(settings.state / f"callers-{which.start or 0}.csv", ((c.number, c.port) for c in callers))
    count = str(len(callers))
    target = f"{HOST}:{settings.sip_port}"
    rest = ("-inf", str(fields), "-r", str(rate), "-m", count, "-l", count, target)
    return Sipp("callers", settings.state, free_port(socket.SOCK_DGRAM), *rest)


async def _waiting(server: AsteriskServer, wanted: int) -> int:
    """Until all of them wait; how many do."""
    found = 0
    for _ in range(120):
        told = re.search(r"has (\d+) calls", await server.ask(f"queue show {dialplan.AGENTS_QUEUE}"))
        found = int(told[1]) if told else 0
        if found >= wanted:
            break
        await asyncio.sleep(1)
    return found


def _ari(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.asterisk_http_port}/ari",
        auth=(dialplan.ARI_USER, settings.secret("ari")),
        trust_env=False,
    )


if __name__ == "__main__":
    run(desk)
