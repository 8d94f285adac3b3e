"""Real calls through the real Asterisk and a real softphone, with a stand-in for the service."""

import asyncio
import base64
import time
from pathlib import Path

import pytest

from ivr import dialplan
from ivr.asterisk.configure import configure
from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.install import ensure_asterisk
from ivr.asterisk.listening import listen
from ivr.asterisk.softphone import Softphone
from ivr.asterisk.supervisor import AsteriskServer
from ivr.dialplan import AGENT_ENDPOINTS, AREA_HEADER, PRIORITY_HEADER, REASON_HEADER, TICKET_HEADER
from ivr.settings import Settings
from tests.asterisk_stand import (
    Agi,
    AriChannel,
    AriStandIn,
    Hung,
    StandIn,
    asterisk,
    live_settings,
    put_sound,
    put_wav,
    sounds_of,
)

pytestmark = pytest.mark.live

AREA = "Gebze, Yeni Mahalle"


def caller(settings: Settings, number: str = "05321234567") -> Softphone:
    return Softphone(settings.state / "caller", number, server_port=settings.sip_port)


def agent(settings: Settings, **more: object) -> Softphone:
    name = AGENT_ENDPOINTS[0]
    password = settings.secret(name)
    folder = settings.state / "agent"
    return Softphone(folder, name, server_port=settings.sip_port, password=password, answers=True, **more)


def heard(phone: Softphone, *prompts: Path) -> list[str]:
    return [match.prompt.name for match in listen(phone.recording, prompts)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return live_settings(tmp_path)


@pytest.fixture
def outages(settings: Settings) -> Path:
    return put_sound(settings.fallback / "outages", 11, 2)


@pytest.fixture
def apology(settings: Settings) -> Path:
    return put_sound(settings.fallback / "apology", 12, 1.5)


async def unreachable(agi: Agi) -> None:
    raise AssertionError("the service was asked although it is not well")


async def test_a_caller_hears_the_service_and_it_hears_their_keys(settings: Settings) -> None:
    greeting = put_sound(settings.state / "greeting", 1, 1.5)
    answer = put_sound(settings.state / "answer", 2, 1.5)
    keys: list[str] = []
    callers: list[str] = []

    async def conversation(agi: Agi) -> None:
        callers.append(agi.given["agi_callerid"])
        await agi.say("ANSWER")
        await agi.say(f'STREAM FILE {greeting} ""')
        while len(keys) < 3:
            keys.append(await agi.key(5))
        await agi.say(f'STREAM FILE {answer} ""')
        await agi.finish(ALO185_DONE="1")

    async with StandIn(settings, conversation), asterisk(settings), caller(settings) as phone:
        await phone.dial("185")
        await phone.pause()
        await phone.press("496")
        await phone.ended()
    assert callers == ["05321234567"]
    assert keys == ["4", "9", "6"]
    assert heard(phone, greeting, answer) == ["greeting", "answer"]


async def test_an_agent_sees_where_the_caller_lives_and_both_hear_each_other(settings: Settings) -> None:
    hello = put_sound(settings.state / "hello", 3, 2)

    async def conversation(agi: Agi) -> None:
        await agi.say("ANSWER")
        await agi.finish(ALO185_AREA=AREA, ALO185_REASON="hazard", ALO185_PRIORITY="10", ALO185_QUEUE="alo185-agents")
        await agi.finish(ALO185_TICKET="26-004217", ALO185_DONE="1")

    async with (
        StandIn(settings, conversation),
        asterisk(settings),
        agent(settings) as desk,
        caller(settings) as phone,
    ):
        await phone.dial("185")
        told = await desk.rung()
        await desk.answered()
        await phone.speak(put_wav(settings.state / "hello.wav", 3, 2))
        await desk.pause(0.4)
        await phone.hang_up()
        await desk.ended()
    assert told.number == "05321234567"
    assert told.name == AREA
    assert told.headers[AREA_HEADER] == AREA
    assert told.headers[REASON_HEADER] == "hazard"
    assert told.headers[PRIORITY_HEADER] == "10"
    assert told.headers[TICKET_HEADER] == "26-004217"
    assert heard(desk, hello) == ["hello"]


async def test_a_service_that_is_down_leaves_callers_the_announcement_and_an_agent(
    settings: Settings, outages: Path, apology: Path
) -> None:
    async with asterisk(settings), agent(settings) as desk, caller(settings) as phone:
        await phone.dial("185")
        told = await desk.rung()
        await phone.hang_up()
    assert heard(phone, outages, apology) == ["outages"]
    assert told.headers[REASON_HEADER] == "fallback"
    assert told.headers[PRIORITY_HEADER] == "0"
    assert TICKET_HEADER not in told.headers


async def test_any_key_cuts_the_announcement_short_and_leads_to_an_agent(settings: Settings) -> None:
    long = put_sound(settings.fallback / "outages", 11, 20)
    async with asterisk(settings), agent(settings) as desk, caller(settings) as phone:
        await phone.dial("185")
        await phone.speaking()
        await phone.press("0")
        await desk.rung(within=15)
        await phone.hang_up()
    assert not any(match.whole for match in listen(phone.recording, [long]))


async def test_a_service_that_takes_no_calls_now_is_not_asked(settings: Settings, outages: Path) -> None:
    async with (
        StandIn(settings, unreachable, "503 Service Unavailable") as service,
        asterisk(settings),
        agent(settings) as desk,
        caller(settings) as phone,
    ):
        await phone.dial("185")
        await desk.rung()
        await phone.hang_up()
    assert heard(phone, outages) == ["outages"]
    assert service.probed == 1


async def test_a_service_that_hangs_delays_the_announcement_by_a_second_at_most(
    settings: Settings, outages: Path
) -> None:
    loop = asyncio.get_running_loop()
    with Hung(settings):
        async with asterisk(settings), agent(settings) as desk, caller(settings) as phone:
            dialled = loop.time()
            await phone.dial("185")
            waited = loop.time() - dialled
            await desk.rung()
            await phone.hang_up()
    assert 0.9 < waited < 10  # without a limit it would be minutes
    assert heard(phone, outages) == ["outages"]


async def test_a_service_that_dies_in_mid_call_loses_no_caller(settings: Settings, outages: Path) -> None:
    greeting = put_sound(settings.state / "greeting", 1, 1)

    async def conversation(agi: Agi) -> None:
        await agi.say("ANSWER")
        await agi.say(f'STREAM FILE {greeting} ""')
        await agi.begin_command(f'STREAM FILE {greeting} ""')

    async with (
        StandIn(settings, conversation),
        asterisk(settings),
        agent(settings) as desk,
        caller(settings) as phone,
    ):
        await phone.dial("185")
        await desk.rung()
        await phone.hang_up()
    assert heard(phone, greeting, outages)[-1] == "outages"


async def test_without_an_announcement_an_apology_is_heard(settings: Settings, apology: Path) -> None:
    async with asterisk(settings), agent(settings) as desk, caller(settings) as phone:
        await phone.dial("185")
        await desk.rung()
        await phone.hang_up()
    assert heard(phone, apology) == ["apology"]


async def test_without_any_sound_file_the_agent_still_answers(settings: Settings) -> None:
    async with asterisk(settings), agent(settings) as desk, caller(settings) as phone:
        await phone.dial("185")
        await desk.answered()
        await phone.hang_up()


async def test_without_an_agent_the_caller_is_told_so(settings: Settings, outages: Path) -> None:
    retry = put_sound(sounds_of(settings) / "tr/alo185/queue-retry", 21, 1.2)
    goodbye = put_sound(sounds_of(settings) / "tr/alo185/queue-goodbye", 22, 1.2)
    async with asterisk(settings), caller(settings) as phone:
        await phone.dial("185")
        await phone.ended(within=20)
    assert heard(phone, outages, retry, goodbye) == ["outages", "queue-retry", "queue-goodbye"]


async def test_one_probe_serves_all_callers_of_a_second(settings: Settings) -> None:
    async def conversation(agi: Agi) -> None:
        await agi.say("ANSWER")
        await agi.finish(ALO185_DONE="1")

    async with StandIn(settings, conversation) as service, asterisk(settings), caller(settings) as phone:
        began = time.monotonic()
        for _ in range(8):
            await phone.dial("185")
            await phone.ended()
        assert 1 <= service.probed <= time.monotonic() - began + 2  # Asterisk counts whole seconds


@pytest.mark.parametrize("number", ["+905321234567", "anonymous"])
async def test_only_digits_of_a_caller_reach_the_service(settings: Settings, number: str) -> None:
    callers: list[str] = []

    async def conversation(agi: Agi) -> None:
        callers.append(agi.given["agi_callerid"])
        await agi.finish(ALO185_DONE="1")

    async with StandIn(settings, conversation), asterisk(settings), caller(settings, number) as phone:
        with pytest.raises(PhoneFailed, match="was not answered"):
            await phone.dial("185")
    assert callers == ["+905321234567" if number.startswith("+") else "unknown"]


@pytest.fixture
def over_ari(tmp_path: Path) -> Settings:
    return live_settings(tmp_path, driver="ari")


async def test_over_ari_an_agent_sees_where_the_caller_lives(over_ari: Settings) -> None:
    greeting = put_sound(over_ari.state / "greeting", 1, 1.5)

    async def transfer(channel: AriChannel) -> None:
        await channel.set(dialplan.AREA, AREA)
        await channel.set(dialplan.QUEUE, dialplan.AGENTS_QUEUE)
        await channel.set(dialplan.DONE, "1")
        await channel.request("POST", "continue")

    async with (
        AriStandIn(over_ari, greeting, transfer) as service,
        asterisk(over_ari),
        agent(over_ari) as desk,
        caller(over_ari) as phone,
    ):
        await phone.dial("185")
        told = await desk.rung()
        await phone.hang_up()
    assert told.name == AREA
    assert heard(phone, greeting) == ["greeting"]
    assert service.application.startswith(f"{dialplan.STASIS_APPLICATION}:")
    login = f"{dialplan.ARI_USER}:{over_ari.secret('ari-websocket')}".encode()
    assert service.credentials == f"Basic {base64.b64encode(login).decode()}"


async def test_over_ari_a_service_that_dies_in_mid_call_loses_no_caller(over_ari: Settings) -> None:
    greeting = put_sound(over_ari.state / "greeting", 1, 1.5)
    outages = put_sound(over_ari.fallback / "outages", 11, 2)

    async def die(channel: AriChannel) -> None:
        dying.kill()

    dying = AriStandIn(over_ari, greeting, die)
    async with dying, asterisk(over_ari), agent(over_ari) as desk, caller(over_ari) as phone:
        await phone.dial("185")
        await desk.rung()
        await phone.hang_up()
    assert heard(phone, greeting, outages) == ["greeting", "outages"]


async def test_over_ari_a_service_that_is_down_leaves_callers_an_agent(over_ari: Settings) -> None:
    outages = put_sound(over_ari.fallback / "outages", 11, 2)
    async with asterisk(over_ari), agent(over_ari) as desk, caller(over_ari) as phone:
        await phone.dial("185")
        await desk.rung()
        await phone.hang_up()
    assert heard(phone, outages) == ["outages"]


async def test_the_freepbx_part_leads_to_the_queue_that_freepbx_has(settings: Settings, outages: Path) -> None:
    found = ensure_asterisk()
    etc = configure(settings, found)
    freepbx = put_sound(settings.state / "freepbx", 31, 1.5)
    custom = (etc / "freepbx_extensions_custom.conf").read_text()
    theirs = f"[alo185-local]\ninclude => from-internal-custom\n[ext-queues]\nexten => 600,1,Playback({freepbx})\n"
    (etc / "extensions.conf").write_text(f"{custom}\n{theirs}")
    async with AsteriskServer(found, settings), caller(settings) as phone:
        await phone.dial("185")
        await phone.ended()
    assert heard(phone, outages, freepbx) == ["outages", "freepbx"]
