"""The live wall put together, and what programs read of it over REST."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, text

from agents.models import AgentsQueueRow
from callflows.scripted import VirtualClock
from calls.agents_queue import Report
from calls.demand import Rule
from calls.hearing import State
from calls.journal import Heard, Journal
from calls.models import CallRecord
from calls.rows import row_of
from calls.wall import Wall
from dialling.places import Place, keep
from ivr.live import LiveWall
from ivr.live_endpoints import live_router
from people.apikeys import KeyService, ensure_api_key
from people.roles import Scope
from storage.database import Database
from storage.types import use_key
from tests.hotline_world import CALLER, NOON, YENI, TestDesk, board, fault

KEY = "a key of the tests"
SECONDS = timedelta(seconds=1)


WAITING = Report("joined", "17.2", waiting=1, logged_in=2, free=0, paused=0)


def running(**facts: object) -> Journal:
    journal = Journal("17.1-aa", CALLER, NOON, "ari", area_id=YENI, **facts)  # type: ignore[arg-type]
    journal.heard = [Heard(NOON, "outage.off", "sular kesik")]
    return journal


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk(VirtualClock(NOON), board(fault()))


@pytest.fixture
def live(db: Database, desk: TestDesk) -> LiveWall:
    use_key("a key of the tests")
    return LiveWall(db, desk, lambda: [running(outage_ids=[1])], rule=Rule(), zone="Europe/Istanbul")


async def test_the_wall_names_places_and_outages(live: LiveWall) -> None:
    live.queue.report(WAITING)
    wall = await live.wall()
    assert (wall.calls.calls, wall.calls.states[State.answer], wall.queue.waiting) == (1, 1, 1)
    (heard,) = wall.calls.outages
    assert (heard.outage_id, heard.callers, heard.areas) == (1, 1, ("Gebze, Yeni Mahalle",))
    assert [(place.name, place.district, place.callers) for place in wall.calls.areas] == [("Yeni Mahalle", "Gebze", 1)]
    assert CALLER.removeprefix("+90") not in wall.model_dump_json()


async def test_demand_appears_within_seconds_and_goes_when_it_is_dismissed(
    db: Database, live: LiveWall, desk: TestDesk
) -> None:
    desk.board = board()
    assert (await live.wall()).demand == ()
    rows = [
        row_of(Journal(str(n), f"+9053211100{n:02}", NOON - n * SECONDS, "agi", area_id=YENI), "s") for n in range(5)
    ]
    async with db.session() as session:
        await session.execute(insert(CallRecord), rows)
        await session.commit()
    assert (await live.wall()).demand == ()
    desk.clock.pass_(5)
    (asked,) = (await live.wall()).demand
    assert (asked.name, asked.district, asked.callers) == ("Yeni Mahalle", "Gebze", 5)
    desk.board = board(fault())
    live.demand_changed()
    assert (await live.wall()).demand == ()


async def test_without_its_database_the_wall_shows_what_it_knew_and_says_so(
    db: Database, live: LiveWall, desk: TestDesk
) -> None:
    assert (await live.wall()).today is not None
    async with db.session() as session:
        await session.execute(text("ALTER TABLE calls RENAME TO away"))
        await session.commit()
    desk.clock.pass_(5)
    wall = await live.wall()
    assert wall.problem
    assert wall.today is not None
    assert wall.calls.calls == 1


async def test_news_come_when_something_happens_and_not_when_only_time_passes(live: LiveWall, desk: TestDesk) -> None:
    before = await live.wall()
    desk.clock.pass_(1)
    after = await live.wall()
    assert before != after
    assert live.watch._same(before, after)
    live.queue.report(WAITING)
    assert not live.watch._same(after, await live.wall())


async def test_programs_read_the_wall_with_a_key_for_reading(db: Database, live: LiveWall, desk: TestDesk) -> None:
    await ensure_api_key(db, KEY)
    async with db.session() as session:
        writes = await KeyService(session, desk.now, "test").add("writer", [Scope.outages])
        await session.commit()
    app = FastAPI()
    app.include_router(live_router(db, live, desk.now), prefix="/api/v1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as web:
        refused = await web.get("/live")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "no_key")
        assert (await web.get("/live", headers={"X-API-Key": "guessed"})).status_code == 401
        refused = await web.get("/live", headers={"X-API-Key": writes})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope_missing")
        told = await web.get("/live", headers={"Authorization": f"Bearer {KEY}"})
    assert told.status_code == 200
    assert Wall.model_validate(told.json()) == await live.wall()


async def test_asterisk_is_asked_about_its_queue_only_while_somebody_looks_and_it_is_silent(
    db: Database, desk: TestDesk
) -> None:
    asked: list[float] = []

    async def ask() -> None:
        asked.append((desk.now() - NOON).total_seconds())

    live = LiveWall(db, desk, list, rule=Rule(), zone="Europe/Istanbul", ask_queue=ask)
    for _ in range(12):
        await live.wall()
        await asyncio.sleep(0)
        desk.clock.pass_(1)
    live.queue.report(WAITING)
    for _ in range(4):
        await live.wall()
        await asyncio.sleep(0)
        desk.clock.pass_(1)
    assert asked == [0, 5, 10]


async def test_each_queue_is_told_by_its_name_with_the_places_that_are_kept_in_the_line(
    live: LiveWall, db: Database, desk: TestDesk
) -> None:
    async with db.session() as session:
        session.add(AgentsQueueRow(name="alo185-technical", label_tr="Teknik", label_en="Technical", position=20))
        session.add(AgentsQueueRow(name="alo185-old", label_tr="Eski", label_en="Old", position=30, active=False))
        place = Place(NOON - 60 * SECONDS)
        await keep(session, desk.now, KEY, call="17.1", number="+905321234567", language="tr", place=place)
        await session.commit()
    live.queue.report(Report("joined", "17.2", waiting=2, logged_in=3, free=0, paused=1, queue="alo185-agents"))
    live.queue.report(Report("state", "0", waiting=0, logged_in=1, free=1, paused=0, queue="alo185-technical"))
    live.queue.report(Report("state", "0", waiting=0, logged_in=0, free=0, paused=0, queue="alo185-old"))
    live.queue.report(Report("joined", "17.3", waiting=1, logged_in=1, free=0, paused=0, queue="600"))
    wall = await live.wall()
    told = [(line.label_en, line.waiting, line.kept, line.free, line.busy, line.paused) for line in wall.queues]
    assert told == [("185 line", 2, 1, 0, 2, 1), ("Technical", 0, 0, 1, 0, 0), ("600", 1, 0, 0, 1, 0)]
    assert (wall.queue.waiting, wall.kept_places) == (3, 1)
    assert wall.queues[0].longest_since == NOON
