"""The board page: what needs an eye comes first, and nothing is told by colour alone."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from calls.journal import Journal, Outcome
from calls.models import CallRecord
from calls.rows import row_of
from console.map import tiles
from outages import repository
from outages.borders import keep_borders, read_borders
from outages.life import OutageFacts
from outages.service import OutageService
from people.roles import Role
from storage.database import Database
from storage.types import use_key
from tests.console_world import ConsoleWorld, console_world
from tests.outage_world import HOUR, START, fault
from tests.test_borders import collection, feature


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def written(world: ConsoleWorld, *all_facts: OutageFacts, draft: bool = False) -> list[int]:
    async with world.office.db.session() as session:
        service = OutageService(session, world.clock, "tests")
        made = [await service.create(facts, draft=draft) for facts in all_facts]
        await session.commit()
        ids = [outage.id for outage in made]
    await world.heard()
    return ids


def order(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<h3><a href="/console/outages/(\d+)"', page)]


async def test_a_passed_estimate_comes_first_then_whoever_has_most_people_without_water(world: ConsoleWorld) -> None:
    small = OutageFacts("fault", "pipe_burst", {world.places.yeni: None}, START - HOUR, subscribers=10)
    large = OutageFacts("fault", "pump_fault", {world.places.korfez: None}, START - HOUR, subscribers=900)
    late = OutageFacts("fault", "main_burst", {world.places.baris: None}, START - 3 * HOUR, START - HOUR, subscribers=1)
    ids = await written(world, small, large, late)
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console")).text
    assert order(page) == [ids[2], ids[1], ids[0]]
    assert "Tahmin doldu" in page
    assert "900 abone" in page
    assert "ana hat arızası" in page


async def test_the_board_of_one_district_shows_only_what_touches_it(world: ConsoleWorld) -> None:
    here, there = await written(world, fault(world.places.yeni), fault(world.places.korfez_yeni))
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console", district=str(world.places.gebze))).text
        assert order(page) == [here]
        assert there not in order(page)
        moving = (await browser.open("/console/board", district=str(world.places.gebze))).text
        assert order(moving) == [here]
        assert "<html" not in moving


async def test_drafts_and_coming_work_stand_apart(world: ConsoleWorld) -> None:
    (coming,) = await written(world, fault(world.places.yeni, starts=START + HOUR))
    (draft,) = await written(world, fault(world.places.baris), draft=True)
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console")).text
    assert order(page[page.index('id="next"') : page.index('id="drafts"')]) == [coming]
    assert order(page[page.index('id="drafts"') :])[:1] == [draft]


async def test_calls_about_an_outage_are_counted_for_the_last_hour(world: ConsoleWorld) -> None:
    use_key("a-key-for-tests")
    (outage,) = await written(world, fault(world.places.yeni))
    journals = [
        Journal(f"call-{minutes}", None, START - timedelta(minutes=minutes), "ari", outage_ids=[outage])
        for minutes in (5, 30, 90)
    ]
    for journal in journals:
        journal.outcome = Outcome.served
    async with world.office.db.session() as session:
        await session.execute(insert(CallRecord), [row_of(journal, "secret") for journal in journals])
        await session.commit()
    async with world.browser(Role.viewer) as browser:
        assert "son 1 saatte 2 arama" in (await browser.open("/console")).text


async def test_every_district_has_a_tile_that_says_its_state(world: ConsoleWorld) -> None:
    await written(world, fault(world.places.yeni), fault(world.places.gebze, starts=START + HOUR))
    board = await world.heard()
    gebze, korfez = tiles(board, world.clock(), {"Gebze": (1, 0)})
    assert (gebze.state, gebze.now, gebze.next) == ("off", 1, 1)
    assert (korfez.state, korfez.column, korfez.row) == ("ok", 0, 1)
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console")).text
    assert re.search(r'class="tile off"[^>]*>\s*<span class="tile-name">Gebze</span>\s*<span[^>]*>1 kesinti', page)
    assert re.search(r'class="tile ok"[^>]*>\s*<span class="tile-name">Körfez</span>\s*<span[^>]*>su var', page)


async def test_the_map_is_drawn_where_borders_were_imported(world: ConsoleWorld) -> None:
    await written(world, fault(world.places.yeni))
    async with world.browser(Role.viewer) as browser:
        assert 'id="map"' not in (await browser.open("/console")).text
        async with world.office.db.session() as session:
            borders = read_borders(collection(feature("Gebze")), await repository.areas(session))
            await keep_borders(session, borders)
            await session.commit()
        assert 'id="map"' in (await browser.open("/console")).text
        drawn = json.loads((await browser.get("/console/map.geojson")).text)
    (shape,) = drawn["features"]
    assert shape["properties"]["state"] == "off"
    assert shape["properties"]["label"] == "Gebze: 1 süren, 0 gelecek kesinti"


async def test_more_than_a_person_reads_is_behind_a_link(world: ConsoleWorld) -> None:
    await written(world, *(fault(world.places.yeni) for _ in range(65)))
    async with world.browser(Role.viewer) as browser:
        short, everything = await browser.open("/console"), await browser.open("/console", all="true")
    assert (len(order(short.text)), len(order(everything.text))) == (60, 65)
    assert "Tümünü göster (65)" in short.text
