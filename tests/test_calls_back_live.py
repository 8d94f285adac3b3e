"""Asterisk really calls a citizen: the softphone rings, is asked, answers; and whatever else telephones do."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callflows.speech import here
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import CallAttempt
from ivr.asterisk.baresip import with_silence
from ivr.asterisk.softphone import Softphone
from tests.asterisk_stand import put_wav
from tests.calling_house import RINGS, CallingHouse, calling_house
from tests.live_house import answer_questions

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallingHouse]:
    with calling_house(request, tmp_path_factory) as world:
        yield world


def heard(calling: CallingHouse, phone: Softphone) -> list[str]:
    """Keys of the prompts that the citizen heard."""
    board = calling.house.board()
    return [prompt.key for prompt in calling.house.heard(phone.recording, [], board)]


async def test_the_citizen_says_no_and_it_is_kept(calling: CallingHouse) -> None:
    async with calling.citizen() as phone:
        call_id = await calling.call()
        assert (await phone.rung()).number == "185"
        await phone.accept()
        await answer_questions(phone, "1", "2")
        await phone.ended()
    call, attempt = await calling.settled(call_id)
    assert heard(calling, phone) == [
        "call_back.hello",
        "call_back.about.ticket_check",
        "call_back.confirm",
        "call_back.solved",
        "call_back.not_solved.thanks",
        "call_back.goodbye",
    ]
    assert (call.state, call.verdict) == (State.done, Verdict.not_solved)
    assert (attempt.outcome, attempt.verdict) == (Outcome.person, Verdict.not_solved)
    assert "Bildirdiğiniz arıza giderildi mi?" in (attempt.heard or "")
    assert [keys for _, keys in json.loads(attempt.keys or "[]")] == ["1", "2"]


async def test_who_says_alo_is_talked_to_at_once(calling: CallingHouse, tmp_path: Path) -> None:
    alo = with_silence(put_wav(tmp_path / "alo.wav", 5, 0.6), tmp_path / "alo-and-silence.wav")
    area = calling.house.board().districts[0]
    async with calling.citizen(speaks=alo) as phone:
        call_id = await calling.call(Why.restoration, area.id)
        await phone.rung()
        await phone.accept()
        await answer_questions(phone, "1", "1")
        await phone.ended()
    call, _ = await calling.settled(call_id)
    assert call.verdict == Verdict.restored
    spoken = calling.house.heard(phone.recording, [here(calling.house.board(), area)], calling.house.board())
    assert here(calling.house.board(), area) in spoken


async def test_who_wants_a_person_is_connected(calling: CallingHouse) -> None:
    async with calling.house.agent() as agent, calling.citizen() as phone:
        call_id = await calling.call()
        await phone.rung()
        await phone.accept()
        await answer_questions(phone, "1", "0")
        incoming = await agent.rung()
        assert incoming.headers["X-Alo185-Reason"] == "asked"
        await agent.answered()
        await phone.hang_up()
        await agent.ended()
    call, attempt = await calling.settled(call_id)
    assert (call.state, attempt.verdict, attempt.outcome) == (State.done, Verdict.wants_person, Outcome.person)


async def test_a_machine_is_told_nothing(calling: CallingHouse, tmp_path: Path) -> None:
    greeting = with_silence(put_wav(tmp_path / "greeting.wav", 6, 7.0), tmp_path / "machine.wav")
    async with calling.citizen(speaks=greeting, answers=True) as phone:
        call_id = await calling.call()
        await phone.ended()
    call, attempt = await calling.settled(call_id)
    assert (call.state, attempt.outcome) == (State.waiting, Outcome.machine)
    assert heard(calling, phone) == []


async def test_nobody_answers(calling: CallingHouse) -> None:
    async with calling.citizen() as phone:
        call_id = await calling.call()
        await phone.rung()
        call, attempt = await calling.settled(call_id)
    assert (call.state, attempt.outcome) == (State.waiting, Outcome.no_answer)
    assert attempt.ended
    assert RINGS - 1 < (attempt.ended - attempt.at).total_seconds() < RINGS + 3


async def test_the_line_is_busy(calling: CallingHouse) -> None:
    async with calling.citizen() as phone:
        await phone.dial("185")
        call_id = await calling.call()
        _, attempt = await calling.settled(call_id)
        assert (attempt.outcome, attempt.cause) == (Outcome.busy, 17)
        await phone.hang_up()


@pytest.mark.parametrize(
    ("status", "outcome", "state"),
    [
        ("603 Decline", Outcome.rejected, State.waiting),
        ("404 Not Found", Outcome.failed, State.given_up),
        ("503 Service Unavailable", Outcome.failed, State.waiting),
    ],
)
async def test_the_call_is_refused(calling: CallingHouse, status: str, outcome: Outcome, state: State) -> None:
    calling.citizen()
    async with refusing(calling.port, status):
        call, attempt = await calling.settled(await calling.call())
    assert (call.state, attempt.outcome) == (state, outcome)


async def test_the_citizen_hangs_up_in_the_middle(calling: CallingHouse) -> None:
    async with calling.citizen(answers=True) as phone:
        call_id = await calling.call()
        await answer_questions(phone, "1")
        await phone.speaking()
        await phone.hang_up()
    call, attempt = await calling.settled(call_id)
    assert (call.state, call.verdict, attempt.outcome) == (State.waiting, None, Outcome.hung_up)


async def test_a_service_that_dies_while_it_rings_does_not_ring_again(calling: CallingHouse) -> None:
    async with calling.citizen() as phone:
        call_id = await calling.call()
        await phone.rung()
        before = calling.house.service_pid
        os.kill(before, signal.SIGKILL)
        await asyncio.to_thread(calling.house.healthy_again, before)
        # several rounds of the new process
        await asyncio.sleep(4)
        rings = set(re.findall(r"^Call-ID: (\S+)", phone.trace.replace("\r", ""), re.MULTILINE))
    assert len(rings) == 1
    async with calling.database() as db, db.reading() as session:
        attempts = list(await session.scalars(select(CallAttempt).where(CallAttempt.outbound_id == call_id)))
    assert len(attempts) == 1


class refusing:
    """A telephone that refuses every call with a SIP status."""

    def __init__(self, port: int, status: str) -> None:
        self._port, self._status = port, status

    async def __aenter__(self) -> None:
        status = self._status

        class Refuses(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self._transport = transport

            def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
                lines = data.decode().split("\r\n")
                if not lines[0].startswith("INVITE"):
                    return
                kept = [line for line in lines if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
                to = next(line for line in lines if line.startswith("To:"))
                answer = [f"SIP/2.0 {status}", *kept, f"{to};tag=refused", "Content-Length: 0", "", ""]
                self._transport.sendto("\r\n".join(answer).encode(), address)  # type: ignore[attr-defined]

        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(Refuses, ("127.0.0.1", self._port))

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
