"""A call to a citizen from Asterisk's side: what is placed, who is talked to, whose reports are believed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from calls.agents_queue import AgentsQueue, Report
from dialling.claiming import Turn
from dialling.errors import NotPlaced
from dialling.kinds import Outcome, State, Verdict
from dialling.rules import Lines as Trunk
from dialling.work import Ring
from ivr.calling.centre import ExchangeTraffic
from ivr.calling.errands import Errands
from ivr.calling.reports import calls_router
from ivr.calling.trunk import AriTrunk
from ivr.runner import Exchange
from ivr.settings import Settings
from tests.calling_world import CITIZEN, CallRoom
from tests.fake_asterisk import FakeAriPhone
from tests.hotline_world import TestDesk, VirtualClock, board
from tests.lines import Lines
from tests.outage_world import START
from tests.ports import free_ports

SECRET = "Asterisk's secret in tests"


@pytest.fixture
def errands(room: CallRoom) -> Errands:
    return Errands(room.db, room.clock, room.rules, room.told, "here")


class CalledLines(Lines):
    """The ARI door with the real desk's words behind it, and what we placed."""

    async def answered(self, *arguments: str) -> FakeAriPhone:
        """The telephone of somebody who picked up a call of ours."""
        phone: FakeAriPhone = self.phone()
        await phone.dial(started=False)
        await phone.send(type="StasisStart", args=list(arguments), channel=phone._channel("Up"))
        return phone


@pytest.fixture
def lines(tmp_path: Path, errands: Errands) -> CalledLines:
    lines = CalledLines("ari", tmp_path)
    desk = TestDesk(VirtualClock(START), board())
    lines.exchange = Exchange(desk, lines.records, lines.equipment.now, arrived=lambda: next(lines.arrivals))
    lines.errand = errands.outgoing
    return lines


async def rung(room: CallRoom) -> str:
    """The token of a call that rings."""
    await room.ask()
    await room.dialler().round()
    return room.trunk.rings[-1].token


async def test_who_answers_is_asked_and_their_word_is_kept(room: CallRoom, lines: CalledLines) -> None:
    token = await rung(room)
    async with lines.serving():
        phone = await lines.answered("call-back", token)
        await phone.hears_to_the_end("call_back.hello", "call_back.about.ticket_check")
        await phone.hears("call_back.confirm")
        await phone.press("1")
        await phone.hears("call_back.solved")
        await phone.press("2")
        await phone.hears_to_the_end("call_back.not_solved.thanks", "call_back.goodbye")
        assert await phone.over() == "hung_up"
        assert "POST answer" not in phone.requests
    call, [attempt] = await room.call(1), await room.attempts()
    assert (call.state, attempt.outcome, attempt.verdict) == (State.done, Outcome.person, Verdict.not_solved)
    assert [entry[1] for entry in json.loads(attempt.keys or "")] == ["1", "2"]
    assert [entry[1] for entry in json.loads(attempt.heard or "")][-1] == "call_back.goodbye"
    # it is no call of the hotline: neither in its records nor in the rate that tells a mass call
    assert lines.records.journals.empty()
    assert next(lines.arrivals) == 0


async def test_who_hangs_up_is_called_again(room: CallRoom, lines: CalledLines) -> None:
    token = await rung(room)
    async with lines.serving():
        phone = await lines.answered("call-back", token)
        await phone.hears("call_back.hello")
        await phone.hang_up()
        await phone.closed()
    call, [attempt] = await room.call(1), await room.attempts()
    assert (call.state, attempt.outcome) == (State.waiting, Outcome.hung_up)


@pytest.mark.parametrize("arguments", [("call-back", "guessed"), ("call-back",), ("x", "y"), ("call-back", "a", "b")])
async def test_a_call_that_nobody_placed_is_given_back(
    room: CallRoom, lines: CalledLines, arguments: tuple[str, ...]
) -> None:
    await rung(room)
    async with lines.serving():
        phone = await lines.answered(*arguments)
        assert await phone.over() == "dialplan"
        assert phone.started == []
        assert phone.variables == {}


async def test_one_attempt_is_one_conversation(room: CallRoom, lines: CalledLines) -> None:
    token = await rung(room)
    async with lines.serving():
        first = await lines.answered("call-back", token)
        await first.hears("call_back.hello")
        second = await lines.answered("call-back", token)
        assert await second.over() == "dialplan"
        await first.hang_up()
        await first.closed()


@pytest.fixture
def door(errands: Errands) -> Callable[..., Awaitable[int]]:
    app = FastAPI()
    app.include_router(calls_router(errands, SECRET))

    async def post(address: str = "127.0.0.1", **changes: object) -> int:
        given = {"token": SECRET, "call": "x", "cause": "017", "stage": ""}
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
            return (await web.post("/dialplan/called", data=given | changes)).status_code

    return post


@pytest.mark.parametrize(
    ("stage", "cause", "outcome"),
    [
        ("", "017", Outcome.busy),
        ("", "019", Outcome.no_answer),
        ("", "021", Outcome.rejected),
        ("", "0", Outcome.no_answer),
        ("", "038", Outcome.failed),
        ("machine", "016", Outcome.machine),
        ("listening", "016", Outcome.hung_up),
        ("unserved", "016", Outcome.failed),
        ("talking", "016", Outcome.failed),
    ],
)
async def test_asterisk_tells_how_it_ended(
    room: CallRoom, door: Callable[..., Awaitable[int]], stage: str, cause: str, outcome: Outcome
) -> None:
    token = await rung(room)
    assert await door(call=token, stage=stage, cause=cause) == 200
    assert [(a.outcome, a.cause) for a in await room.attempts()] == [(outcome, int(cause))]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"token": "guessed"}, 403),
        ({"token": "ğ"}, 403),
        ({"address": "192.0.2.1"}, 403),
        ({"cause": "busy"}, 422),
        ({"cause": "9" * 30}, 422),
        ({"stage": "exploded"}, 422),
        ({"call": "x" * 1000}, 422),
    ],
    ids=str,
)
async def test_nobody_else_is_believed(
    room: CallRoom, door: Callable[..., Awaitable[int]], wrong: dict[str, str], status: int
) -> None:
    token = await rung(room)
    assert await door(**({"call": token} | wrong)) == status
    assert [a.outcome for a in await room.attempts()] == [None]


async def test_the_trunk_is_as_full_as_calls_the_queue_and_agents_make_it(lines: CalledLines) -> None:
    queue = AgentsQueue(lines.equipment.now)
    traffic = ExchangeTraffic(lines.exchange, queue)
    assert (traffic.in_use(), traffic.turn()) == (0, Turn())
    async with lines.serving():
        phone = lines.phone()
        await phone.dial()
        await phone.hears("welcome.short")
        # two wait, and one of three agents talks
        queue.report(Report("joined", "17.1", waiting=2, logged_in=3, free=2, paused=0))
        assert (traffic.in_use(), traffic.turn().agents, traffic.spare()) == (4, 0, 0)
        queue.report(Report("answered", "17.1", waiting=1, logged_in=3, free=2, paused=0))
        assert (traffic.in_use(), traffic.turn().agents, traffic.spare()) == (3, 0, 1)
        queue.report(Report("state", "0", waiting=0, logged_in=3, free=2, paused=0))
        assert (traffic.in_use(), traffic.turn().agents) == (2, 2)
        assert ExchangeTraffic(lines.exchange, queue, lambda: 1).turn().agents == 1
        await phone.hang_up()
        await phone.closed()
    await lines.exchange.drain(1)
    assert Trunk(channels=1000, reserved=0.0).room(traffic.in_use(), 0) == 0


class FakeHttp:
    """Asterisk's HTTP port: keeps what it was asked, answers with a status."""

    def __init__(self, port: int, status: int) -> None:
        self._port, self._status = port, status
        self.asked: list[tuple[str, str]] = []

    async def __aenter__(self) -> "FakeHttp":
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
        self.asked.append((head.split()[1], (await reader.readexactly(length)).decode()))
        writer.write(f"HTTP/1.1 {self._status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
def trunk(tmp_path: Path) -> tuple[AriTrunk, int]:
    [port] = free_ports(1)
    given = {"state": tmp_path, "asterisk_http_port": port, "call_backs": True, "dial": "PJSIP/{number}@carrier"}
    return AriTrunk(Settings(_env_file=None, **given)), port


RING = Ring("f00d", CITIZEN, "tr")


async def test_the_number_is_dialled_once_by_the_name_of_its_attempt(trunk: tuple[AriTrunk, int]) -> None:
    async with FakeHttp(trunk[1], 200) as asterisk:
        await trunk[0].place(RING)
    [(url, body)] = asterisk.asked
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["endpoint"] == f"PJSIP/{CITIZEN}@carrier"
    assert (asked["context"], asked["channelId"], asked["callerId"]) == ("alo185-called", RING.token, "185")
    assert json.loads(body)["variables"]["ALO185_CALL"] == RING.token
    await trunk[0].close()


async def test_only_what_certainly_did_not_ring_counts_as_not_placed(trunk: tuple[AriTrunk, int]) -> None:
    with pytest.raises(NotPlaced):
        await trunk[0].place(RING)
    async with FakeHttp(trunk[1], 500):
        with pytest.raises(NotPlaced):
            await trunk[0].place(RING)
    async with FakeHttp(trunk[1], 409):
        await trunk[0].place(RING)
    await trunk[0].close()
