"""Real calls to the whole house, seen on its live wall while they last."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from math import ceil

import httpx
import pytest

from callflows.numbers import spoken_minutes
from calls.hearing import State
from calls.wall import Wall
from ivr.asterisk.softphone import Softphone
from ivr.dialplan import AGENT_ENDPOINTS
from tests.live_house import LiveHouse, interrupt
from tests.live_worlds import World

pytestmark = pytest.mark.live


@pytest.fixture(params=["ari on PostgreSQL", "agi on SQLite"])
def house(request: pytest.FixtureRequest, worlds: dict[str, World]) -> LiveHouse:
    return worlds[request.param].house


def ringing(house: LiveHouse) -> Softphone:
    """An agent who lets it ring."""
    user = AGENT_ENDPOINTS[0]
    return house.phone(user, password=house.settings.secret(user))


async def shows(house: LiveHouse, wanted: Callable[[Wall], bool]) -> Wall:
    """The wall once it is as wanted; the longest phrase before it takes three seconds on a machine that is not busy."""
    key = {"X-API-Key": house.settings.secret("api-key")}
    async with httpx.AsyncClient(base_url=house.url, headers=key, trust_env=False) as web:
        for _ in range(100):
            wall = Wall.model_validate((await web.get("/api/v1/live")).raise_for_status().json())
            if wanted(wall):
                return wall
            await asyncio.sleep(0.2)
    raise AssertionError(wall.model_dump_json(indent=1))


async def test_a_call_is_seen_from_its_first_word_to_the_agent(house: LiveHouse) -> None:
    async with ringing(house) as desk, house.phone("05321110021") as phone:
        await phone.dial("185")
        heard = await shows(house, lambda wall: any(p.key == "menu.main" for p in wall.calls.hearing))
        assert (heard.calls.calls, heard.calls.states[State.menu]) == (1, 1)
        assert heard.calls.per_minute[-1] + heard.calls.per_minute[-2] >= 1
        await phone.press("0")
        await desk.rung(within=30)
        waiting = await shows(house, lambda wall: wall.queue.waiting == 1)
        assert waiting.queue.longest_since
        await desk.accept()
        await shows(house, lambda wall: (wall.queue.waiting, wall.queue.busy) == (0, 1))
        await phone.hang_up()
        await desk.ended()
        quiet = await shows(house, lambda wall: (wall.queue.waiting, wall.queue.busy, wall.queue.free) == (0, 0, 1))
        assert quiet.calls.calls == 0
        assert "5321110021" not in heard.model_dump_json() + quiet.model_dump_json()


async def test_a_service_that_is_killed_takes_nobody_out_of_the_queue(house: LiveHouse) -> None:
    pid = house.service_pid
    async with ringing(house) as desk, house.phone("05321110022") as phone:
        await phone.dial("185")
        await phone.speaking()
        await phone.press("0")
        await desk.rung(within=30)
        os.kill(pid, signal.SIGKILL)
        await desk.accept()
        await desk.answered()
        await phone.hang_up()
        await desk.ended()
    await asyncio.to_thread(house.healthy_again, pid)


async def test_whoever_has_to_wait_is_told_about_how_long(house: LiveHouse) -> None:
    """One agent; one caller waits already when the last one asks for a person."""
    async with (
        house.agent() as desk,
        house.phone("05321110023") as talking,
        house.phone("05321110024") as next_,
        house.phone("05321110025") as waiting,
        house.phone("05321110026") as last,
    ):
        await ask_for_a_person(talking)
        await desk.answered()
        began = time.monotonic()
        for place, phone in enumerate((next_, waiting), start=1):
            await ask_for_a_person(phone)
            await shows(house, lambda wall, place=place: wall.queue.waiting == place)  # type: ignore[misc]
        desk.expect_another()
        await talking.hang_up()
        talked = time.monotonic() - began
        await desk.answered()
        await shows(house, lambda wall: (wall.queue.waiting, wall.queue.busy) == (1, 1))
        await ask_for_a_person(last)
        await shows(house, lambda wall: wall.queue.waiting == 2)
    minutes = [spoken_minutes(number, "tr") for number in range(1, 10)]
    heard = house.heard(last.recording, minutes, house.board())
    assert "queue.holdtime" not in {prompt.key for prompt in house.heard(talking.recording, minutes, house.board())}
    at = [prompt.key for prompt in heard].index("queue.holdtime")
    told = minutes.index(heard[at + 1]) + 1
    # the next in line and the last one, each for as long as the first
    assert told in {ceil((talked + seconds) * 2 / 60) for seconds in (-2, 0, 2)}


async def ask_for_a_person(phone: Softphone) -> None:
    await phone.dial("185")
    await interrupt(phone, "0")
