"""Two whole services call citizens from one PostgreSQL; one is killed at work, and the other goes on within 30 s."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.kinds import Outcome, State, Why
from dialling.models import CallAttempt, OutboundCall
from dialling.service import CallBacks, Wanted
from ivr.clock import now
from storage import types
from tests.calling_house import CallingHouse
from tests.calling_world import SECRET
from tests.clusters import new_cluster
from tests.shared_prompts import rendering, shared_prompts

pytestmark = pytest.mark.live
TAKEN_OVER = 30.0
RINGS_LONG = 35
"""Seconds: longer than a dead worker is waited for, so that a second ring of the same attempt would be heard."""
A_ROUND = 5


@dataclass
class Street(asyncio.DatagramProtocol):
    """Telephones of all numbers at one port. They ring, and nobody answers."""

    rings: dict[str, tuple[str, float]] = field(default_factory=dict)
    """By the call's own id: the number, and when it began to ring."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        lines = data.decode().split("\r\n")
        method, uri, *_ = lines[0].split()
        call = next(line.partition(": ")[2] for line in lines if line.startswith("Call-ID:"))
        if method == "INVITE":
            number = uri.partition(":")[2].partition("@")[0]
            self.rings.setdefault(call, (number, asyncio.get_running_loop().time()))
            self._say("180 Ringing", lines, address)
        elif method == "CANCEL":
            self._say("200 OK", lines, address)
            invite = [line.replace("CANCEL", "INVITE") if line.startswith("CSeq:") else line for line in lines]
            self._say("487 Request Terminated", invite, address)

    def rang(self, number: str) -> list[float]:
        return [at for called, at in self.rings.values() if called == number]

    def _say(self, status: str, lines: list[str], address: tuple[str, int]) -> None:
        kept = [line for line in lines if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
        to = next(line for line in lines if line.startswith("To:"))
        answer = [f"SIP/2.0 {status}", *kept, f"{to};tag=street", "Content-Length: 0", "", ""]
        self._transport.sendto("\r\n".join(answer).encode(), address)  # type: ignore[attr-defined]


@dataclass
class Two:
    """Both houses, told apart by their trunks."""

    houses: list[CallingHouse]
    asked: list[str] = field(default_factory=list)

    async def ask(self, many: int) -> None:
        """That many citizens more are to be called."""
        async with self.houses[0].database() as db, db.session() as session:
            for _ in range(many):
                self.asked.append(f"+90532765{len(self.asked):04}")
                wanted = Wanted(Why.ticket_check, f"about {self.asked[-1]}", self.asked[-1])
                await CallBacks(session, now, SECRET).ask(wanted)
            await session.commit()

    async def calls(self) -> list[OutboundCall]:
        async with self.houses[0].database() as db, db.reading() as session:
            return list(await session.scalars(select(OutboundCall).order_by(OutboundCall.id)))

    async def attempts(self) -> list[CallAttempt]:
        async with self.houses[0].database() as db, db.reading() as session:
            return list(await session.scalars(select(CallAttempt).order_by(CallAttempt.id)))


@pytest.fixture(scope="module")
def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    prompts, before, cluster = shared_prompts(request.config), types._seal, new_cluster()
    with ExitStack() as stack:
        stack.callback(cluster.remove)
        stack.callback(setattr, types, "_seal", before)
        given = {"database_url": cluster.url("postgres"), "ring_seconds": RINGS_LONG, "calls_per_second": A_ROUND}
        given |= {"calls_at_once": 100, "trunk_channels": 200}
        first = CallingHouse(tmp_path_factory.mktemp("first") / "state", prompts, **given)
        dial = f"{first.house.settings.dial};machine=second"
        folder = tmp_path_factory.mktemp("second") / "state"
        folder.mkdir()
        (folder / "secrets").symlink_to(first.house.settings.state / "secrets")
        second = CallingHouse(folder, prompts, **given, dial=dial)
        second.port = first.port
        for each in (first, second):
            stack.callback(each.house.kill)
        with rendering(prompts):
            first.house.start()
            second.house.start()
        yield Two([first, second])


def asterisk_of(house: CallingHouse) -> int:
    supervisor = house.house.supervisor_pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    [pid] = [int(pid) for pid in children if b"asterisk.conf" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return pid


async def until(met: Callable[[], Awaitable[bool]], within: float) -> None:
    async with asyncio.timeout(within):
        while not await met():  # noqa: ASYNC110  # what other processes do has no event here
            await asyncio.sleep(0.05)


async def test_the_other_service_takes_over_within_half_a_minute(two: Two) -> None:
    loop = asyncio.get_running_loop()
    transport, street = await loop.create_datagram_endpoint(Street, ("127.0.0.1", two.houses[0].port))
    await two.ask(1)

    async def rings() -> bool:
        return bool(street.rings)

    await until(rings, 60)
    [ringing] = await two.attempts()
    victim = two.houses["machine=second" in ringing.trunk]
    service, supervisor, asterisk = victim.house.service_pid, victim.house.supervisor_pid, asterisk_of(victim)
    # its exchange answers no more, so that what it claims next stays claimed; the telephone rings on
    os.kill(asterisk, signal.SIGSTOP)

    async def holds() -> bool:
        mine = [call for call in await two.calls() if call.worker == ringing.worker and call.state == State.claimed]
        if not mine:
            await two.ask(1)
        return len(mine) >= 2

    try:
        await two.ask(2 * A_ROUND)
        await until(holds, 60)
        os.kill(service, signal.SIGKILL)
        os.kill(supervisor, signal.SIGKILL)
        died = loop.time()
        left = [call for call in await two.calls() if call.worker == ringing.worker]
        claimed = {call.number for call in left if call.state == State.claimed}
        dialling = {call.id for call in left if call.state == State.dialling}

        async def taken_over() -> bool:
            over = {a.outbound_id for a in await two.attempts() if a.outcome}
            return dialling <= over and all(street.rang(str(number)) for number in claimed)

        await until(taken_over, TAKEN_OVER)
    finally:
        os.kill(asterisk, signal.SIGKILL)
    late = max(at - died for number in claimed for at in street.rang(str(number)))
    print(f"{len(claimed)} claimed calls rang after at most {late:.1f} s, {len(dialling)} that rang were settled")
    assert len(claimed) >= 2
    assert ringing.outbound_id in dialling
    made = await two.attempts()
    rang = {number: len(street.rang(number)) for number in two.asked}
    attempts = {number: sum(a.outbound_id == nth for a in made) for nth, number in enumerate(two.asked, start=1)}
    assert all(rang[number] <= attempts[number] <= 1 for number in two.asked)
    assert {rang[str(number)] for number in claimed} == {1}
    settled = {call.id: call.state for call in await two.calls() if call.id in dialling}
    assert set(settled.values()) == {State.waiting}
    assert {a.outcome for a in made if a.outbound_id in dialling} == {Outcome.unknown}
    transport.close()
