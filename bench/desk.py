"""Fifty agents and two hundred callers who wait: how soon an agent sees who calls once the telephone rings.

    .venv/bin/python -m bench.desk --agents 50 --callers 200

The service, Asterisk and the pages as they are; callers go through the line and press 0. Agents have plain telephones:
fifty browsers would be measured in the place of the service. Their pages are read as browsers read them.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvloop

from bench.caller import Placed, Telephones
from bench.desk_phones import Agent, AgentPage, AgentPhones
from bench.measure import Process, percentile, percentiles
from bench.report import aim, put, stamp, stamp_lines, table, three
from bench.rtp import Announcement, Sound
from bench.setup import bench_settings, run
from ivr import dialplan
from ivr.asterisk.configure import Folders, configure
from ivr.asterisk.install import Asterisk, ensure_asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.cli.progress import Steps
from ivr.clock import now
from ivr.installation import install
from ivr.service import Service
from ivr.settings import Settings
from ivr.supervision import Supervised
from people.models import User
from people.roles import Duty, Role
from people.service import PeopleService
from people.web import COOKIE
from storage.database import Database

LIMIT = 500.0
"""Milliseconds from the ringing to the screen-pop, at the 95th of a hundred calls."""
CALLS_A_SECOND = 8.0
READY_A_SECOND = 5.0
PATIENCE = 600.0
NUMBER = 12_000
"""Bytes within which a place of two words is spoken."""
JOINING = 900
"""Packets after the key within which a caller is told the place."""
BREATH = 15.0
PROBE = slice(1600, 2400)
"""Of a number's file: what tells it from the others."""
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
    talk: float


def desk(
    agents: Annotated[int, typer.Option(min=1, max=200, help="Agents who become ready.")] = 50,
    callers: Annotated[int, typer.Option(min=1, max=240, help="Callers who wait before the first is.")] = 200,
    talk: Annotated[float, typer.Option(min=0.5, help="Seconds of each conversation.")] = 6.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the tables into this page.")] = None,
) -> None:
    """Measure the agents' desk under a full queue."""
    result = uvloop.run(_measure(bench_settings(), ensure_asterisk(), Plan(agents, callers, talk)))
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "desk", page)


async def _measure(settings: Settings, asterisk: Asterisk, plan: Plan) -> dict[str, Any]:
    with Steps() as steps:
        await install(settings, asterisk, steps.now, steps.count)
    agents = await _people(settings, plan.agents)
    address = f"http://{settings.probe_host}:{settings.port}"
    command = [sys.executable, "-m", "ivr", "serve"]
    log_file = settings.state / "bench.log"
    service = Supervised(command, f"{address}/health", log_file, environment=settings.as_environment())
    server, ari = AsteriskServer(asterisk, settings), _ari(settings)

    async def over(caller: str) -> None:
        """The caller hangs up: their channel is ended, as their own telephone would."""
        await ari.delete(f"/channels/{caller}")

    phones = AgentPhones(agents, plan.talk, over)
    pages = [AgentPage(agent, address, COOKIE) for agent in agents]
    try:
        await service.start()
        configure(settings, asterisk)
        with (Folders(settings.asterisk.absolute()).etc / "pjsip.conf").open("a") as out:
            out.writelines(ENDPOINT.format(name=f"desk-{agent.user_id}", port=phones.port) for agent in agents)
        await server.start()
        return await _run(settings, plan, agents, pages, (server, service))
    finally:
        for page in pages:
            await page.close()
        await phones.close()
        await server.stop()
        await service.stop()
        await ari.aclose()


async def _run(
    settings: Settings,
    plan: Plan,
    agents: list[Agent],
    pages: list[AgentPage],
    running: tuple[AsteriskServer, Supervised],
) -> dict[str, Any]:
    for page in pages:
        await page.open()
        await page.pause()  # whoever calls while nobody is at the desk is told so, and does not wait
    callers = Telephones(settings.sip_port, audio=False)
    began = time.monotonic()
    calls = [asyncio.create_task(_call(callers, number, began)) for number in range(plan.callers)]
    breathing = asyncio.create_task(_breathe(callers))
    waiting = await _waiting(running[0], plan.callers)
    asterisk, service = Process(running[0].pid or 0), Process(running[1].pid or 0)
    cpu, opened = (asterisk.cpu_ms(), service.cpu_ms()), time.monotonic()
    for page in pages:
        await page.ready()
        await asyncio.sleep(1 / READY_A_SECOND)
    placed = await asyncio.gather(*calls)
    breathing.cancel()
    await callers.close()
    seconds = time.monotonic() - opened
    shown, missing = _shown(agents)
    return {
        "about": stamp("bench.desk"),
        "agents": plan.agents,
        "callers": plan.callers,
        "waiting_before_the_first_agent": waiting,
        "served": sum(len(agent.served) for agent in agents),
        "failures": sorted({call.failure for call in placed if call.failure}),
        "pop_ms": percentiles(shown),
        "pop_p95_ms": percentile(shown, 0.95),
        "rang_without_pop": missing,
        "refused_to_agents": sorted({each for page in pages for each in page.refused}),
        "places": _positions(settings, placed, plan.agents),
        "asterisk_cpu_ms_per_second": round((asterisk.cpu_ms() - cpu[0]) / seconds, 1),
        "service_cpu_ms_per_second": round((service.cpu_ms() - cpu[1]) / seconds, 1),
    }


async def _call(callers: Telephones, number: int, began: float) -> Placed:
    await asyncio.sleep(max(0.0, began + number / CALLS_A_SECOND - time.monotonic()))
    return await callers.call("185", f"0532{number:07d}", "0", 1.0, PATIENCE)


async def _breathe(callers: Telephones) -> None:
    while True:
        await asyncio.sleep(BREATH)
        callers.breathe()


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


def _shown(agents: list[Agent]) -> tuple[list[float], int]:
    """Milliseconds from the INVITE to the screen-pop, and how many rings had none."""
    times = [
        (agent.shown[caller] - rang) * 1000
        for agent in agents
        for caller, rang in agent.rang.items()
        if caller in agent.shown
    ]
    return [max(0.0, each) for each in times], sum(len(agent.rang) for agent in agents) - len(times)


def _positions(settings: Settings, placed: Sequence[Placed], agents: int) -> str:
    """How many heard their place on joining, how many of these places differ, and how many were served in that turn."""
    folder = Folders(settings.asterisk.absolute()).sounds / "tr"
    lead = Announcement((folder / "alo185/queue-position.alaw").read_bytes())
    spoken = {n: (folder / f"digits/{n}.alaw").read_bytes() for n in (*range(1, 20), *range(20, 100, 10))}
    told = [(place, call.hung_up or 0) for call in placed if (place := _place(call, lead, spoken))]
    by_place = sorted(told)
    turns = {place: turn for turn, (_, place) in enumerate(sorted((over, place) for place, over in told))}
    in_turn = sum(abs(turns[place] - turn) <= agents for turn, (place, _) in enumerate(by_place))
    return f"{len(told)} heard a place, {len({place for place, _ in told})} different ones; {in_turn} served in turn"


def _place(call: Placed, lead: Announcement, spoken: dict[int, bytes]) -> int | None:
    """The number that follows the announcement at once."""
    after_key = Sound.of(call.packets).around(call.key_sent or 0)[1]
    sound = Sound(after_key.arrivals[:JOINING], after_key.payloads[:JOINING])
    where = lead.place(sound)
    if where is None:
        return None
    after = b"".join(sound.starting(where.first).payloads)[len(lead.audio) - 320 :][:NUMBER]
    return sum(n for n, audio in spoken.items() if audio[PROBE] in after) or None


async def _people(settings: Settings, count: int) -> list[Agent]:
    """Agents who are signed in."""
    service = Service(settings)
    agents = []
    async with service.db.session() as session:
        work = PeopleService(session, now, "bench")
        for number in range(count):
            user = await work.create_user(f"agent{number}", f"Agent {number}", Role.operator, duties=[Duty.desk])
            agents.append(user.id)
        await session.commit()
    found = [Agent(user_id, await _token(service.db, service, user_id)) for user_id in agents]
    await service.library.close()
    await service.db.close()
    return found


async def _token(db: Database, service: Service, user_id: int) -> str:
    async with db.session() as session:
        user = await session.get_one(User, user_id)
        return await service.signin.begin(session, user, "127.0.0.1", "bench", "bench")


def _ari(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.asterisk_http_port}/ari",
        auth=(dialplan.ARI_USER, settings.secret("ari")),
        trust_env=False,
    )


def _page(result: dict[str, Any]) -> list[str]:
    return [
        f"## The agents' desk: {result['agents']} agents, {result['callers']} callers in the queue",
        "",
        *stamp_lines(result["about"]),
        f"- waiting before the first agent was ready: {result['waiting_before_the_first_agent']};"
        f" served: {result['served']}; failures: {', '.join(result['failures']) or 'none'}",
        f"- places told on joining: {result['places']}",
        f"- CPU ms a second: Asterisk {result['asterisk_cpu_ms_per_second']},"
        f" service {result['service_cpu_ms_per_second']}",
        "",
        *table(("", "p50 / p95 / p99 ms"), [("INVITE to screen-pop", three(result["pop_ms"]))]),
        "",
        *table(
            ("aim", "wanted", "measured", "held"),
            [
                aim("INVITE to screen-pop, p95", LIMIT, result["pop_p95_ms"], "ms"),
                aim("rings without a screen-pop", 0, result["rang_without_pop"], ""),
            ],
        ),
    ]


if __name__ == "__main__":
    run(desk)
