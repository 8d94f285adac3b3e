"""What is particular to ARI: who may connect, what is asked of Asterisk, and what happens when it speaks nonsense."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from callflows.call import Call, CallEnded, TransferNote, TransferOutcome
from calls.journal import Outcome
from ivr.ari.session import AriError, AriSession
from tests.fake_asterisk import FakeAriPhone
from tests.lines import PASSWORD, Lines, say


@pytest.fixture
async def lines(tmp_path: Path) -> AsyncIterator[Lines]:
    async with Lines("ari", tmp_path, at_most=1).serving() as serving:
        yield serving


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!!", "Basic YWxvMTg1Ondyb25n", "Bearer YWxvMTg1Ondyb25n", "Basic " + "A" * 5000],
    ids=lambda value: value[:20] or "none",
)
async def test_only_asterisk_may_connect(lines: Lines, authorization: str) -> None:
    phone = lines.phone()
    with pytest.raises(InvalidStatus) as refused:
        await phone.dial(additional_headers={"Authorization": authorization})
    assert refused.value.response.status_code == 401
    assert refused.value.response.headers["WWW-Authenticate"] == 'Basic realm="alo185"'


async def test_the_right_user_without_the_right_password_is_refused(lines: Lines) -> None:
    lines.phone()
    phone = FakeAriPhone("", lines.incoming, lines._port, "a wrong password", lines.pass_time)
    with pytest.raises(InvalidStatus) as refused:
        await phone.dial()
    assert refused.value.response.status_code == 401


async def test_another_subprotocol_is_refused(lines: Lines) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await lines.phone().dial(subprotocols=["sip"])
    assert refused.value.response.status_code == 400


async def test_a_call_too_many_is_refused_at_once(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    first = await lines.call(flow)
    await first.hears("outage")
    with pytest.raises(InvalidStatus) as refused:
        await lines.phone().dial()
    assert refused.value.response.status_code == 503
    await first.finish()
    assert await first.over() == "hung_up"


async def test_one_request_plays_a_whole_announcement(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(*map(say, "abcde"))

    phone = await lines.call(flow)
    await phone.hears_to_the_end(*"abcde")
    await phone.over()
    assert phone.requests == ["PUT eventFilter", "POST answer", "POST play", "POST variable", "POST continue"]


async def test_the_next_sound_waits_for_no_reply(lines: Lines) -> None:
    """A key's answer is asked for in the same breath as the stop of what was interrupted."""

    async def flow(call: Call) -> None:
        await call.key(say("menu"), allowed="1")
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("menu")
    phone.silent = True
    await phone.press("1")
    await phone._until(lambda: phone.requests[-2:] == ["DELETE playbacks", "POST play"])
    await phone.cut()
    assert [h.key for h in (await lines.journal()).heard] == ["menu"]


async def test_keys_that_no_telephone_has_are_passed_over(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.key(say("menu"), allowed="1"))

    phone = await lines.call(flow)
    await phone.hears("menu")
    await phone.press("AD")
    await phone.send(type="ChannelDtmfReceived", digit=["1"])
    await phone.press("1")
    await phone.over()
    assert answers == ["1"]


async def test_a_hang_up_of_another_channel_ends_nothing(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    await phone.send(type="StasisEnd", channel={"id": "another"})
    await phone.finish()
    assert await phone.over() == "hung_up"


@pytest.mark.parametrize(
    "nonsense", ["", "{", "[]", "17", "null", "[" * 100_000, "x" * 300_000], ids=lambda value: repr(value[:4])
)
async def test_nonsense_ends_the_connection_and_the_dialplan_goes_on(lines: Lines, nonsense: str) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    await phone.send_raw(nonsense)
    await phone.closed()
    assert "ALO185_DONE" not in phone.variables
    journal = await lines.journal()
    assert journal.heard[0].interrupted


@pytest.mark.parametrize(
    "event",
    [
        {"type": None},
        {"type": "RESTResponse", "request_id": [], "status_code": "x"},
        {"type": "PlaybackStarted", "playback": 7},
        {"type": "PlaybackFinished", "playback": {"id": None}},
        {"type": "ChannelDtmfReceived", "digit": None},
        {"type": "RecordingFinished", "recording": None},
        {"type": "StasisStart", "channel": {}},
        {"type": ["StasisEnd"]},
    ],
    ids=str,
)
async def test_strange_events_disturb_no_call(lines: Lines, event: dict[str, Any]) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    await phone.send(**event)
    await phone.finish()
    assert await phone.over() == "hung_up"


async def test_a_caller_whose_service_died_is_sent_back_into_the_dialplan(lines: Lines) -> None:
    phone = lines.phone()
    phone.waiting_channels = [phone.CHANNEL]
    await phone.dial(started=False)
    assert await phone.over() == "dialplan"
    assert phone.requests == ["GET applications", "POST continue"]
    assert phone.variables == {}


async def test_a_connection_that_is_lost_before_its_call_is_forgotten(lines: Lines) -> None:
    phone = lines.phone()
    await phone.dial(started=False)
    await phone.cut()
    await lines.call(lines._nothing)
    assert (await lines.journal()).outcome is Outcome.gave_up


async def test_a_refused_prompt_leads_to_the_dialplans_fallback_when_all_else_is_refused(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = lines.phone()
    phone.refuse = {"play": 500, "variable": 500, "continue": 500}
    lines.flow = flow
    await phone.dial()
    journal = await lines.journal()
    assert journal.outcome is Outcome.failed
    assert phone.variables == {}


async def test_a_queue_that_cannot_be_reached_is_told_to_the_flow(lines: Lines) -> None:
    outcomes: list[TransferOutcome] = []

    async def flow(call: Call) -> None:
        outcomes.append(await call.transfer("alo185-agents", TransferNote("asked")))
        await call.say(say("sorry"))

    phone = lines.phone()
    phone.refuse = {"continue": 409}
    lines.flow = flow
    await phone.dial()
    await phone.hears_to_the_end("sorry")
    assert await phone.over() == "hung_up"
    assert outcomes == [TransferOutcome.unavailable]


async def test_an_answered_call_is_not_answered_again(lines: Lines) -> None:
    phone = lines.phone()
    await phone.dial(started=False)
    await phone.send(type="StasisStart", args=[], channel=phone._channel("Up"))
    await phone.over()
    assert "POST answer" not in phone.requests
    assert (await lines.journal()).answered


async def test_what_is_no_text_closes_the_connection_and_the_dialplan_goes_on(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    await phone._socket.send(b"\x00binary")
    assert await phone.closed() == 1003
    assert "ALO185_DONE" not in phone.variables
    assert (await lines.journal()).heard[0].interrupted


@pytest.mark.parametrize(
    "header", ["Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 8", "Sec-WebSocket-Protocol: sip"], ids=lambda h: h[14:]
)
async def test_a_handshake_that_is_none_is_refused(lines: Lines, header: str) -> None:
    token = base64.b64encode(f"alo185:{PASSWORD}".encode()).decode()
    given = {
        "Host": "x",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Authorization": f"Basic {token}",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "ari",
    }
    name, value = header.split(": ")
    asked = "".join(f"{n}: {v}\r\n" for n, v in {**given, name: value}.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", lines._port)
    writer.write(f"GET /ari HTTP/1.1\r\n{asked}\r\n".encode())
    async with asyncio.timeout(30):
        answer = await reader.read()  # to its end: the connection is closed
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    writer.close()


async def test_other_websockets_are_the_applications(lines: Lines) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{lines._port}/another", proxy=None)
    assert refused.value.response.status_code == 403


async def test_requests_are_escaped() -> None:
    sent: list[str] = []

    session = AriSession(sent.append)
    session.request("POST", "channels", "a/b?c#d", "variable", variable="V", value="Ğ&=\n")
    assert '"uri": "channels/a%2Fb%3Fc%23d/variable?variable=V&value=%C4%9E%26%3D%0A"' in sent[0]


async def test_replies_never_hang_when_the_connection_is_lost() -> None:
    session = AriSession(lambda text: None)
    reply = session.request("GET", "channels")
    session.over()
    assert (await reply).status == 0
    with pytest.raises(CallEnded):
        session.request("GET", "channels")
    with pytest.raises(AriError, match="too long"):
        session.received("x" * 300_000)
