"""What waiting callers hear of their place is so in the real Asterisk, and they hear it change as the queue moves."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from bench.told import PHRASES, Heard, announcements
from ivr.asterisk.listening import listen
from ivr.asterisk.softphone import Softphone
from ivr.asterisk.sounds import SPOKEN_NUMBERS
from ivr.asterisk.supervisor import AsteriskServer
from ivr.settings import Settings
from tests.asterisk_stand import asterisk, live_settings, put_sound, sounds_of
from tests.test_queue_live import agent

pytestmark = pytest.mark.live

DIRECT = "186"
"""Leads to the queue at once."""
TOLD_WITHIN = 40.0
"""Seconds: nobody is told of their place more often than every twenty."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return live_settings(tmp_path)


def with_sounds(settings: Settings) -> list[Path]:
    """Each of the queue's sounds is unlike all others."""
    names = [*(f"alo185/queue-{each}" for each in PHRASES), *(f"digits/{number}" for number in SPOKEN_NUMBERS)]
    return [put_sound(sounds_of(settings) / "tr" / name, seed, 0.5) for seed, name in enumerate(names)]


def places(phone: Softphone, sounds: list[Path]) -> list[int]:
    """All that this caller was told until now."""
    names = [(match.prompt.name.removeprefix("queue-"), match.start) for match in listen(phone.recording, sounds)]
    words = [Heard(int(name) if name.isdecimal() else name, start) for name, start in names]
    return [told.value for told in announcements(words)]


async def in_line(server: AsteriskServer, wanted: int) -> None:
    async with asyncio.timeout(30):
        while f" has {wanted} calls" not in await server.ask("queue show alo185-agents"):  # noqa: ASYNC110  # they join Asterisk
            await asyncio.sleep(0.1)


async def test_each_is_told_the_right_place_and_hears_it_change(settings: Settings) -> None:
    async with (
        asterisk(settings) as server,
        agent(settings, answers=True) as desk,
        contextlib.AsyncExitStack() as open_,
    ):
        sounds = with_sounds(settings)
        await server.ask("dialplan add extension 186,1,Answer() into alo185-local")
        await server.ask("dialplan add extension 186,2,Goto(alo185-queue,s,1) into alo185-local")
        folders = [settings.state / f"caller-{number}" for number in range(5)]
        phones = [Softphone(f, f"0532000000{n}", server_port=settings.sip_port) for n, f in enumerate(folders)]
        talking, first, second, third, fourth = [await open_.enter_async_context(phone) for phone in phones]

        async def told(wanted: dict[Softphone, list[int]]) -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TOLD_WITHIN):
                    while {phone: places(phone, sounds) for phone in wanted} != wanted:  # noqa: ASYNC110  # they listen
                        await asyncio.sleep(0.5)
            assert [places(phone, sounds) for phone in wanted] == list(wanted.values())

        await talking.dial(DIRECT)
        await desk.answered()
        for waiting, phone in enumerate((first, second, third, fourth), start=1):
            await phone.dial(DIRECT)
            await in_line(server, waiting)
        await told({first: [1], second: [2], third: [3], fourth: [4]})
        await second.hang_up()
        await told({first: [1], third: [3, 2], fourth: [4, 3]})
        desk.expect_another()
        await talking.hang_up()
        await desk.answered()
        await told({third: [3, 2, 1], fourth: [4, 3, 2]})
