"""Whatever breaks while people call, they hear what is known and reach a person. Real calls to the whole house."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from callflows.speech import here
from ivr.asterisk.listening import listen
from ivr.asterisk.softphone import Incoming, Softphone
from ivr.dialplan import REASON_HEADER
from tests.live_worlds import World

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", autouse=True)
def short_announcement(worlds: dict[str, World]) -> None:
    """Only the tests' own outage is left, so that the last announcement takes seconds."""
    for world in worlds.values():
        world.house.command("outages", "remove-demo")
        world.board = world.house.board()


def in_all(worlds: Iterable[World], call: Callable[[World], Awaitable[None]]) -> None:
    """The same call to every house at once."""

    async def calls() -> None:
        await asyncio.gather(*(call(world) for world in worlds))

    asyncio.run(calls())


def last_announcement_was_heard(world: World, recording: Path) -> bool:
    fallback = world.house.settings.fallback / "outages"
    return any(match.whole for match in listen(recording, [fallback]))


async def reaches_person(world: World, phone: Softphone, desk: Softphone) -> Incoming:
    told = await desk.rung(within=60)
    await desk.answered()
    await phone.hang_up()
    await desk.ended()
    return told


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_service_that_dies_or_hangs_in_mid_call_loses_no_caller(
    worlds: dict[str, World], how: signal.Signals
) -> None:
    async def call(world: World) -> None:
        house = world.house
        pid = house.service_pid
        async with house.agent() as desk, house.phone("05321110011") as phone:
            await phone.dial("185")
            await phone.speaking()
            os.kill(pid, how)
            told = await reaches_person(world, phone, desk)
        assert told.headers[REASON_HEADER] == "fallback"
        assert last_announcement_was_heard(world, phone.recording)
        await asyncio.to_thread(house.healthy_again, pid)

    in_all(worlds.values(), call)


def test_without_prompts_callers_hear_the_last_announcement(worlds: dict[str, World]) -> None:
    async def call(world: World) -> None:
        prompts = world.house.settings.prompts
        away = prompts.with_name("prompts-away")
        prompts.rename(away)
        prompts.write_text("in the way, so that the service cannot render them again meanwhile")
        try:
            async with world.house.agent() as desk, world.house.phone("05321110012") as phone:
                await phone.dial("185")
                await reaches_person(world, phone, desk)
        finally:
            prompts.unlink()
            away.rename(prompts)
        assert last_announcement_was_heard(world, phone.recording)

    in_all(worlds.values(), call)


def test_without_its_database_the_line_still_answers_and_reports_go_to_a_person(worlds: dict[str, World]) -> None:
    world = worlds["ari on PostgreSQL"]
    assert world.cluster

    async def asks(world: World) -> None:
        async with world.house.phone("05321110013") as phone:
            await phone.dial("185")
            for entry in ("1", *world.keys_to_district, "1"):
                await phone.speaking()
                await phone.press(entry)
            await phone.pause()
            await phone.hang_up()
        assert here(world.board, world.area) in world.heard(phone.recording)

    async def reports(world: World) -> None:
        async with world.house.agent() as desk, world.house.phone("05321110014") as phone:
            await phone.dial("185")
            for entry in ("2", "1"):
                await phone.speaking()
                await phone.press(entry)
            told = await reaches_person(world, phone, desk)
        assert told.headers[REASON_HEADER] == "hazard"

    async def both() -> None:
        await asyncio.gather(asks(world), reports(world))

    world.cluster.stop()
    try:
        asyncio.run(both())
    finally:
        world.cluster.start()
