"""Whoever kept a place in the agents' queue is rung when their turn comes, and not before."""

from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from calls.agents_queue import AgentsQueue
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import OutboundCall
from dialling.places import Place, keep, on_the_desk, take_by_hand
from dialling.service import CallBacks
from ivr.calling.waiting import Places
from ivr.live_endpoints import queue_router
from storage.database import Database
from storage.types import use_key
from tests.calling_world import CITIZEN, NEIGHBOUR, RULES, SECRET, CallRoom
from tests.outage_world import START, Clock

MINUTE = timedelta(minutes=1)
NIGHT = START.replace(hour=23)


@pytest.fixture
def room(db: Database) -> CallRoom:
    use_key("a key of the tests")
    return CallRoom(db, Clock())


async def kept(room: CallRoom, number: str, joined: datetime, call: str = "17.1", **more: object) -> int:
    async with room.db.session() as session:
        place = Place(joined, "asked", "Gebze, Yeni Mahalle", "26-004217", **more)  # type: ignore[arg-type]
        made = await keep(session, room.clock, SECRET, call=call, number=number, language="tr", place=place)
        await session.commit()
    return made.id


def rung(room: CallRoom) -> list[str]:
    return [ring.number for ring in room.trunk.rings]


async def test_nobody_is_rung_while_no_agent_is_free(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE)
    room.traffic.free = False
    assert await room.dialler().round() == 0
    room.traffic.free = True
    assert await room.dialler().round() == 1


async def test_those_who_joined_before_and_hold_the_line_come_first(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE)
    room.traffic.before = START - 2 * MINUTE
    assert await room.dialler().round() == 0
    room.traffic.before = START
    assert await room.dialler().round() == 1


async def test_one_free_agent_is_one_telephone_that_rings_and_the_longest_wait_is_first(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE)
    await kept(room, NEIGHBOUR, START - 3 * MINUTE, "17.2")
    assert await room.dialler().round() == 1
    assert await room.dialler().round() == 0
    assert rung(room) == [NEIGHBOUR]
    await room.talk(room.trunk.rings[0].token, Verdict.wants_person)
    assert await room.dialler().round() == 1
    assert rung(room) == [NEIGHBOUR, CITIZEN]


async def test_a_hazard_goes_before_who_waited_longer(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE, urgency=10)
    await kept(room, NEIGHBOUR, START - 3 * MINUTE, "17.2")
    await room.dialler().round()
    assert rung(room) == [CITIZEN]


async def test_who_asked_is_rung_at_night_and_though_they_want_no_calls_while_others_wait_for_the_morning(
    room: CallRoom,
) -> None:
    room.clock.moment = NIGHT
    async with room.db.session() as session:
        await CallBacks(session, room.clock, SECRET).opt_out(CITIZEN, "call")
        await session.commit()
    await kept(room, CITIZEN, NIGHT - MINUTE)
    await room.ask(number=NEIGHBOUR)
    assert await room.dialler().round() == 1
    assert rung(room) == [CITIZEN]


async def test_the_conversation_knows_what_the_caller_was_there_for(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE)
    await room.dialler().round()
    async with room.work() as work:
        begun = await work.begin(room.trunk.rings[0].token)
    assert begun
    assert begun.place == Place(START - MINUTE, "asked", "Gebze, Yeni Mahalle", "26-004217")


async def test_who_is_not_reached_stays_with_the_desk_until_somebody_calls(room: CallRoom) -> None:
    await kept(room, CITIZEN, START - MINUTE)
    for times in range(3):
        assert await room.dialler().round() == 1, times
        await room.report(room.trunk.rings[-1].token, Outcome.no_answer, 19)
        assert await room.dialler().round() == 0
        room.later(timedelta(minutes=5))
    assert await room.dialler().round() == 0
    async with room.db.reading() as session:
        [call] = await session.scalars(select(OutboundCall))
    assert call.state == State.given_up
    room.later(timedelta(days=30))
    async with room.db.session() as session:
        [(waits, place)] = await on_the_desk(session, room.clock())
        assert (waits.number, place.area, place.ticket) == (CITIZEN, "Gebze, Yeni Mahalle", "26-004217")
        await take_by_hand(session, waits.id, "ayse", room.clock())
        await session.commit()
    room.later(timedelta(hours=2))
    async with room.db.reading() as session:
        assert await on_the_desk(session, room.clock()) == []


async def test_asked_twice_it_is_one_place(room: CallRoom) -> None:
    first = await kept(room, CITIZEN, START - 2 * MINUTE)
    assert await kept(room, CITIZEN, START - MINUTE) == first
    async with room.db.reading() as session:
        assert len(list(await session.scalars(select(OutboundCall).where(OutboundCall.why == Why.queue_callback)))) == 1


async def test_asterisk_hears_of_a_kept_place_with_its_very_next_report(room: CallRoom) -> None:
    """Somebody who joined later could be given the agent before anybody has looked into the database again."""
    queue = AgentsQueue(room.clock)
    places = Places(room.db, room.clock, SECRET, queue, RULES.hours)
    app = FastAPI()
    app.include_router(queue_router(queue, SECRET, kept=lambda: places.count > 0))
    report = {"token": SECRET, "event": "left", "call": "17.1", "waiting": 0, "logged_in": 1, "free": 0, "paused": 0}
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as asterisk:
        assert (await asterisk.post("/dialplan/queue", data=report)).text == "ok"
        assert await places.keep("17.1", CITIZEN, "tr", Place(START - MINUTE))
        assert (await asterisk.post("/dialplan/queue", data=report)).text == "kept"
