"""The live wall as a page: what is happening now, and an outage that callers know of before operators do."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from agents.setup import Setup
from calls.agents_queue import Report
from calls.journal import Heard, Journal
from calls.models import CallRecord
from calls.rows import row_of
from outages.life import Life
from outages.service import OutageService
from people.roles import Role
from storage.database import Database
from storage.types import use_key
from tests.console_world import SECRET, ConsoleWorld, console_world
from tests.outage_world import START

SECONDS = timedelta(seconds=1)


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    use_key("a key of the tests")
    async with console_world(db, tmp_path) as made:
        yield made


async def asked_for(world: ConsoleWorld, area_id: int, callers: int = 6) -> None:
    rows = [
        row_of(Journal(f"c{n}", f"+9053211100{n:02}", START - n * SECONDS, "ari", area_id=area_id), SECRET)
        for n in range(callers)
    ]
    async with world.office.db.session() as session:
        await session.execute(insert(CallRecord), rows)
        await session.commit()


async def test_the_wall_shows_calls_what_they_hear_and_the_queue(world: ConsoleWorld) -> None:
    caller = Journal("c1", "+905321110022", START, "ari", area_id=world.places.yeni)
    caller.heard.append(Heard(START, "menu.main", "Su kesintileri için bir"))
    world.running.append(caller)
    world.office.live.queue.report(Report("joined", "17.2", waiting=3, logged_in=5, free=0, paused=1))  # type: ignore[union-attr]
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console/wall")).text
    assert '<p class="huge">1</p>' in page
    assert "“Su kesintileri için bir”" in page
    assert '<p class="huge">3</p>' in page
    assert "532111" not in page


async def test_the_wall_tells_each_queue_apart(world: ConsoleWorld) -> None:
    async with world.office.db.session() as session:
        queues = ("alo185-agents", "alo185-technical", "alo185-subscribers")
        await Setup(session, world.clock, "tests").know_queues(queues)
        await session.commit()
    queue = world.office.live.queue  # type: ignore[union-attr]
    queue.report(Report("joined", "17.2", waiting=3, logged_in=5, free=0, paused=1, queue="alo185-agents"))
    world.clock.forward(75 * SECONDS)
    queue.report(Report("state", "0", waiting=0, logged_in=2, free=2, paused=0, queue="alo185-technical"))
    async with world.browser(Role.viewer) as browser:
        rows = re.findall(r'<th scope="row">(.*?)</tr>', (await browser.open("/console/wall")).text, re.DOTALL)
    shown = [re.findall(r">([^<>]+)</t[hd]>", ">" + row.strip()) for row in rows]
    assert shown == [
        ["185 hattı", "3", "1:15", "0", "0", "4", "1"],
        ["Teknik destek", "0", "–", "0", "2", "0", "0"],
        ["Abone işleri", "–", "–", "0", "–", "–", "–"],  # of which Asterisk has told nothing
    ]


async def test_a_queue_of_which_nothing_was_heard_lately_is_shown_as_old(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        assert "Asterisk sırayı henüz bildirmedi" in (await browser.open("/console/wall")).text
        world.office.live.queue.report(Report("joined", "17.2", waiting=3, logged_in=5, free=0, paused=1))  # type: ignore[union-attr]
        assert "son bilgi" not in (await browser.open("/console/wall")).text
        world.clock.forward(timedelta(minutes=5))
        assert "son bilgi 5 dakika önce" in (await browser.open("/console/wall")).text


async def test_many_callers_without_an_outage_become_a_draft_with_one_click(world: ConsoleWorld) -> None:
    await asked_for(world, world.places.yeni)
    async with world.browser(Role.operator) as browser:
        page = (await browser.open("/console/wall")).text
        assert "<b>Yeni Mahalle</b>" in page
        assert "20 dakikada 6 arayan" in page
        made = await browser.submit("/console/wall/draft", area_id=str(world.places.yeni))
        again = await browser.submit("/console/wall/draft", area_id=str(world.places.yeni))
    path = made.headers["location"].partition("?")[0]
    assert again.headers["location"] == path
    async with world.office.db.reading() as session:
        outage = await OutageService(session, world.clock, "").get(int(path.split("/")[3]))
    assert (outage.life, outage.kind, [place.area_id for place in outage.places]) == (
        Life.draft,
        "fault",
        [world.places.yeni],
    )


async def test_a_suggestion_that_was_looked_into_goes_away(world: ConsoleWorld) -> None:
    await asked_for(world, world.places.yeni)
    async with world.browser(Role.operator) as browser:
        await browser.open("/console/wall")
        await browser.submit("/console/wall/dismiss", area_id=str(world.places.yeni))
        assert "Olağan dışı bir yer yok" in (await browser.open("/console/wall")).text
        late = await browser.submit("/console/wall/draft", area_id=str(world.places.yeni))
    assert late.status_code == 422
    assert "artık kesintisiz soru yok" in late.text


async def test_viewers_see_the_demand_and_cannot_act_on_it(world: ConsoleWorld) -> None:
    await asked_for(world, world.places.yeni)
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console/wall")).text
    assert "<b>Yeni Mahalle</b>" in page
    assert "Taslak aç" not in page
