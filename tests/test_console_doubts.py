"""Enough people without water after an outage's end: the board says so, and one click makes a draft of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from notices.doubts import Doubts, Enough
from outages.life import Life
from outages.service import OutageService
from people.roles import Role
from storage.database import Database
from tests.console_world import ConsoleWorld, console_world
from tests.outage_world import HOUR, START, fault


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def doubted(world: ConsoleWorld, people: int = 3) -> int:
    """An outage that has ended, and those who say that it has not."""
    async with world.office.db.session() as session:
        service = OutageService(session, world.clock, "ayse")
        outage = await service.create(fault(world.places.yeni))
        await service.end(outage.id, START - HOUR / 2)
        doubts = Doubts(session, world.clock, Enough(3, 60))
        for number in range(people):
            await doubts.still_off(outage.id, world.places.yeni, f"number {number}")
        await session.commit()
    return outage.id


async def test_the_board_shows_who_has_no_water_and_one_click_makes_a_draft(world: ConsoleWorld) -> None:
    ended = await doubted(world)
    await world.heard()
    async with world.browser(Role.operator) as browser:
        page = (await browser.open("/console")).text
        assert "su gelmedi diyenler: 3" in page
        assert "<b>Yeni Mahalle</b>, Gebze" in page
        made = await browser.submit("/console/doubts/draft", doubt_id="1")
        again = await browser.submit("/console/doubts/draft", doubt_id="1")
        assert "su gelmedi diyenler" not in (await browser.open("/console")).text
    assert again.status_code == 422
    path = made.headers["location"].partition("?")[0]
    async with world.office.db.reading() as session:
        draft = await OutageService(session, world.clock, "").get(int(path.split("/")[3]))
    assert (draft.life, draft.cause, draft.starts, [place.area_id for place in draft.places]) == (
        Life.draft,
        "network_fault",
        START - HOUR / 2,
        [world.places.yeni],
    )
    assert draft.id != ended


async def test_who_has_looked_into_it_makes_it_go_and_a_fourth_does_not_bring_it_back(world: ConsoleWorld) -> None:
    outage_id = await doubted(world)
    await world.heard()
    async with world.browser(Role.operator) as browser:
        await browser.submit("/console/doubts/settle", doubt_id="1")
        async with world.office.db.session() as session:
            await Doubts(session, world.clock, Enough(3, 60)).still_off(outage_id, world.places.yeni, "a fourth")
            await session.commit()
        assert "su gelmedi diyenler" not in (await browser.open("/console")).text


async def test_viewers_see_it_and_two_are_not_enough(world: ConsoleWorld) -> None:
    await doubted(world, people=2)
    await world.heard()
    async with world.browser(Role.viewer) as browser:
        assert "su gelmedi diyenler" not in (await browser.open("/console")).text
        world.clock.forward(timedelta(minutes=1))
        async with world.office.db.session() as session:
            await Doubts(session, world.clock, Enough(2, 60)).still_off(1, world.places.yeni, "number 0")
            await session.commit()
        page = (await browser.open("/console")).text
    assert "su gelmedi diyenler: 2" in page
    assert "/console/doubts/draft" not in page
