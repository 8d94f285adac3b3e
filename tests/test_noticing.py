"""Planned work is told of by telephone the day before it, once to each, and anew when it is moved."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dialling.kinds import State, Verdict, Why
from dialling.models import OutboundCall
from dialling.rules import Hours, Rules
from ivr.calling.noticing import Noticing
from notices.models import Way
from notices.service import NoticeService
from outages.life import OutageFacts
from outages.service import OutageService
from storage.database import Database
from storage.types import use_key
from tests.calling_world import CITIZEN, NEIGHBOUR, SECRET, CallRoom
from tests.outage_world import HOUR, START, Clock, Places, add_places

ZONE = ZoneInfo("Europe/Istanbul")
DAY = timedelta(days=1)
STARTS = START + 4 * DAY
"""A Sunday at noon in Kocaeli."""


class World:
    def __init__(self, db: Database, places: Places) -> None:
        self.db, self.clock, self.places = db, Clock(), places
        self.noticing = Noticing(db, self.clock, SECRET, Rules(Hours(ZONE)), DAY)

    async def wants(self, number: str, area_id: int, way: Way = "call") -> None:
        async with self.db.session() as session:
            notices = NoticeService(session, self.clock, SECRET)
            await notices.ask(number, area_id, way=way, language="tr", source="operator", confirmed_by="ayse")
            await session.commit()

    async def plan(self, starts: datetime = STARTS) -> int:
        async with self.db.session() as session:
            facts = OutageFacts("planned", "maintenance", {self.places.yeni: None}, starts, starts + 8 * HOUR)
            made = await OutageService(session, self.clock, "ayse").create(facts)
            await session.commit()
        return made.id

    async def calls(self) -> list[OutboundCall]:
        async with self.db.reading() as session:
            return list(await session.scalars(select(OutboundCall).order_by(OutboundCall.id)))


@pytest.fixture
async def world(db: Database) -> World:
    use_key("a key of the tests")
    world = World(db, await add_places(db))
    await world.wants(CITIZEN, world.places.yeni)
    return world


async def test_who_chose_calls_is_planned_for_the_day_before_and_only_once(world: World) -> None:
    await world.wants(NEIGHBOUR, world.places.gebze)
    await world.wants("+905321234569", world.places.yeni, "sms")
    await world.wants("+905321234570", world.places.korfez_yeni)
    outage_id = await world.plan()
    assert await world.noticing.turn() == 2
    assert await world.noticing.turn() == 0
    for call in await world.calls():
        assert (call.why, call.due, call.until) == (Why.planned_notice, STARTS - DAY, STARTS)
        assert call.subject.startswith(f"{outage_id}-")
    assert {call.number for call in await world.calls()} == {CITIZEN, NEIGHBOUR}


async def test_a_moved_outage_is_told_of_anew_even_to_who_was_told(world: World) -> None:
    outage_id = await world.plan()
    await world.noticing.turn()
    room = CallRoom(world.db, world.clock)
    room.later(STARTS - DAY - START)
    await room.dialler().round()
    await room.talk(room.trunk.rings[0].token, Verdict.told)
    assert await world.noticing.turn() == 0
    async with world.db.session() as session:
        moved = STARTS + 3 * DAY
        await OutageService(session, world.clock, "ayse").change(outage_id, starts=moved, expected_end=moved + 8 * HOUR)
        await session.commit()
    assert await world.noticing.turn() == 1
    assert [(call.state, call.until) for call in await world.calls()] == [
        (State.done, STARTS),
        (State.waiting, moved),
    ]


async def test_a_move_and_a_cancellation_call_off_what_was_planned(world: World) -> None:
    outage_id = await world.plan()
    await world.noticing.turn()
    async with world.db.session() as session:
        await OutageService(session, world.clock, "ayse").cancel(outage_id)
        await session.commit()
    assert await world.noticing.turn() == 0
    assert [call.state for call in await world.calls()] == [State.cancelled]


async def test_before_a_holiday_people_are_called_earlier(db: Database, world: World) -> None:
    """Work on the morning after the Republic Day and a Sunday on which nobody is called."""
    rest = {(STARTS - DAY).astimezone(ZONE).date(), STARTS.astimezone(ZONE).date()}
    world.noticing = Noticing(db, world.clock, SECRET, Rules(Hours(ZONE, holiday=rest.__contains__)), DAY)
    await world.plan()
    await world.noticing.turn()
    [call] = await world.calls()
    assert call.due == STARTS - 2 * DAY


async def test_work_that_is_entered_late_is_told_of_at_once(world: World) -> None:
    await world.plan(START + 3 * HOUR)
    await world.noticing.turn()
    [call] = await world.calls()
    assert call.due == START


async def test_drafts_faults_and_what_has_begun_are_told_to_nobody(world: World) -> None:
    async with world.db.session() as session:
        service = OutageService(session, world.clock, "ayse")
        facts = OutageFacts("planned", "maintenance", {world.places.yeni: None}, STARTS, STARTS + HOUR)
        await service.create(facts, draft=True)
        await service.create(OutageFacts("fault", "unknown", {world.places.yeni: None}, START))
        begun = START - HOUR
        await service.create(OutageFacts("planned", "maintenance", {world.places.yeni: None}, begun, STARTS))
        await session.commit()
    assert await world.noticing.turn() == 0
