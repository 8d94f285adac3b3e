"""Real calls through the real Asterisk and a real softphone, with a stand-in for the service."""

from pathlib import Path

import pytest

from ivr.asterisk.softphone import Softphone
from tests.asterisk_stand import Agi, StandIn, asterisk, live_settings, put_sound

pytestmark = pytest.mark.live


async def test_a_caller_hears_the_service_and_it_hears_their_keys(tmp_path: Path) -> None:
    settings = live_settings(tmp_path)
    greeting = put_sound(tmp_path / "greeting", 1, 1.5)
    keys: list[str] = []
    callers: list[str] = []

    async def conversation(agi: Agi) -> None:
        callers.append(agi.given["agi_callerid"])
        await agi.say("ANSWER")
        await agi.say(f'STREAM FILE {greeting} ""')
        while len(keys) < 3:
            keys.append(await agi.key(5))
        await agi.finish(ALO185_DONE="1")

    async with (
        StandIn(settings, conversation),
        asterisk(settings),
        Softphone(tmp_path / "caller", "05321234567", server_port=settings.sip_port) as phone,
    ):
        await phone.dial("185")
        await phone.pause()
        await phone.press("496")
        await phone.ended()
        heard = phone.recording.stat().st_size
    assert callers == ["05321234567"]
    assert keys == ["4", "9", "6"]
    assert heard > 1.4 * 16000
