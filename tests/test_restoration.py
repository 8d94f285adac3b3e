"""Whoever wanted to know when the water is back is asked, once; and enough who say no are heard by the operators."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from callflows.desk import Wish
from dialling.forgetting import forget_number
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import OutboundCall
from dialling.numbers import pseudonym
from dialling.service import CallBacks
from ivr.calling.promising import Promises
from ivr.calling.restoring import Restoring
from ivr.calling.saying import CitizensSay
from notices.doubts import Enough, open_doubts, settle
from notices.models import Doubt, RestorationRequest
from notices.restoration import Restorations, forget_settled
from outages.errors import OutageError
from outages.models import Outage
from outages.service import OutageService
from outbox.models import ALL_EVENTS, Endpoint, Message
from storage.database import Database
from tests.calling_world import CallRoom
from tests.outage_world import START, fault
from tests.ticket_world import CALLER, SECRET, TicketWorld, ticket_world

OTHERS = [f"+9053212345{n:02}" for n in range(10, 20)]
ENOUGH = Enough(3, 60)


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    return await ticket_world(db)


@pytest.fixture
def room(world: TicketWorld) -> CallRoom:
    return CallRoom(world.db, world.clock, follow_up=CitizensSay(world.teller, ENOUGH))


@pytest.fixture
def restoring(world: TicketWorld) -> Restoring:
    return Restoring(world.db, world.clock, SECRET)


async def outage(world: TicketWorld) -> int:
    async with world.db.session() as session:
        made = await OutageService(session, world.clock, "ayse").create(fault(world.places.yeni))
        await session.commit()
    return made.id


async def ended(world: TicketWorld, outage_id: int) -> None:
    async with world.db.session() as session:
        await OutageService(session, world.clock, "ayse").end(outage_id)
        await session.commit()


async def wants(world: TicketWorld, outage_id: int, *numbers: str) -> None:
    promises = Promises(world.db, world.clock, SECRET)
    for number in numbers or (CALLER,):
        assert await promises.keep(Wish(number, world.places.yeni, outage_id, "tr"))


async def calls(world: TicketWorld) -> list[OutboundCall]:
    async with world.db.reading() as session:
        return list(await session.scalars(select(OutboundCall).order_by(OutboundCall.id)))


async def answer(room: CallRoom, verdict: Verdict) -> None:
    """Everybody who is rung now says the same."""
    await room.dialler().round()
    for ring in room.trunk.rings:
        await room.talk(ring.token, verdict)
    room.trunk.rings.clear()


async def test_nobody_is_called_before_the_outage_is_over_and_everybody_once_it_is(
    world: TicketWorld, restoring: Restoring
) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id, CALLER, OTHERS[0])
    await wants(world, outage_id, CALLER)
    assert await restoring.turn() == 0
    await ended(world, outage_id)
    assert await restoring.turn() == 2
    assert await restoring.turn() == 0
    assert [(call.why, call.subject, call.number, call.area_id) for call in await calls(world)] == [
        (Why.restoration, str(outage_id), CALLER, world.places.yeni),
        (Why.restoration, str(outage_id), OTHERS[0], world.places.yeni),
    ]


async def test_two_processes_ask_each_once(world: TicketWorld, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id, *OTHERS)
    await ended(world, outage_id)
    other = Restoring(world.db, world.clock, SECRET)
    await asyncio.gather(restoring.turn(), other.turn(), restoring.turn())
    assert await restoring.turn() == 0
    assert len(await calls(world)) == len(OTHERS)


async def test_who_is_attached_by_a_ticket_is_asked_about_that_alone(world: TicketWorld, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id)
    await world.report("1", callback_number=CALLER, outage_id=outage_id)
    await ended(world, outage_id)
    assert await restoring.turn() == 1
    assert await calls(world) == []


async def test_an_outage_that_never_was_is_asked_about_by_nobody(world: TicketWorld, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id)
    async with world.db.session() as session:
        await OutageService(session, world.clock, "ayse").cancel(outage_id)
        await session.commit()
    assert await restoring.turn() == 1
    assert await calls(world) == []


async def test_who_has_not_been_called_yet_waits_again_when_the_outage_goes_on(
    world: TicketWorld, restoring: Restoring
) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id)
    await ended(world, outage_id)
    await restoring.turn()
    async with world.db.session() as session:
        service = OutageService(session, world.clock, "ayse")
        await service.undo(outage_id, (await service.get(outage_id)).revision)
        await session.commit()
    await restoring.turn()
    [call] = await calls(world)
    assert call.state == State.cancelled
    await ended(world, outage_id)
    await restoring.turn()
    assert [call.state for call in await calls(world)] == [State.cancelled, State.waiting]


async def test_who_wants_no_calls_is_promised_none(world: TicketWorld) -> None:
    outage_id = await outage(world)
    async with world.db.session() as session:
        await CallBacks(session, world.clock, SECRET).opt_out(CALLER, "call")
        await session.commit()
    promises = Promises(world.db, world.clock, SECRET)
    assert not await promises.keep(Wish(CALLER, world.places.yeni, outage_id, "tr"))
    assert promises.may_call(CALLER)
    assert not promises.may_call("+4915112345678")
    assert not promises.may_call(None)


async def test_three_who_say_no_are_heard_by_the_operators_and_nothing_is_published(
    world: TicketWorld, room: CallRoom, restoring: Restoring
) -> None:
    outage_id = await outage(world)
    async with world.db.session() as session:
        session.add(Endpoint(url="https://su.example/", events=[ALL_EVENTS], made=START, made_by="ayse", secret="s"))
        await session.commit()
    await wants(world, outage_id, *OTHERS[:4])
    await ended(world, outage_id)
    await restoring.turn()
    heard = []
    for _ in range(4):
        await room.dialler(per_second=1).round()
        await room.talk(room.trunk.rings.pop().token, Verdict.still_off)
        room.later(timedelta(seconds=5))
        async with world.db.reading() as session:
            heard.append([doubt.people for doubt in await open_doubts(session)])
    assert heard == [[], [], [3], [4]]
    async with world.db.reading() as session:
        events = [m for m in await session.scalars(select(Message)) if m.event == "outage.doubted"]
        outages = await session.scalar(select(func.count()).select_from(Outage))
    [event] = events
    assert (event.payload["name"], event.payload["people"]) == ("Yeni Mahalle", 3)
    assert outages == 1
    assert "+90" not in str(event.payload)


async def test_answers_of_an_hour_ago_one_number_twice_and_a_yes_do_not_count(
    world: TicketWorld, room: CallRoom, restoring: Restoring
) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id, *OTHERS[:2])
    await ended(world, outage_id)
    await restoring.turn()
    await answer(room, Verdict.still_off)
    room.later(timedelta(minutes=61))
    await wants(world, outage_id, *OTHERS[2:4])
    await restoring.turn()
    await answer(room, Verdict.still_off)
    await wants(world, outage_id, OTHERS[4])
    await restoring.turn()
    await answer(room, Verdict.restored)
    async with world.db.reading() as session:
        assert await open_doubts(session) == []


async def test_who_was_attached_by_a_ticket_counts_too(world: TicketWorld, room: CallRoom) -> None:
    outage_id = await outage(world)
    numbers = [await world.report(str(n), callback_number=OTHERS[n], outage_id=outage_id) for n in range(3)]
    async with world.db.session() as session:
        for number in numbers:
            assert room.follow_up
            await room.follow_up.not_solved(session, number)
        await session.commit()
    async with world.db.reading() as session:
        assert [doubt.people for doubt in await open_doubts(session)] == [3]


async def test_a_doubt_is_looked_into_by_one_person(world: TicketWorld) -> None:
    async with world.db.session() as session:
        session.add(Doubt(outage_id=1, area_id=world.places.yeni, people=3, since=START, raised=START))
        await session.commit()
        await settle(session, 1, "ayse", START)
        await session.commit()
        with pytest.raises(OutageError, match="already"):
            await settle(session, 1, "mehmet", START)


async def test_a_number_is_forgotten_when_asked_and_in_time(world: TicketWorld, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id, *OTHERS[:2])
    async with world.db.session() as session:
        hashed = await session.scalar(select(RestorationRequest.number_hash))
        assert await Restorations(session, world.clock).forget(hashed or "") == 1
        await session.commit()
    await ended(world, outage_id)
    await restoring.turn()
    days = timedelta(days=90)
    await forget_settled(world.db, world.clock(), days)
    async with world.db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(RestorationRequest)) == 1
    await forget_settled(world.db, world.clock() + days * 2, days)
    async with world.db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(RestorationRequest)) == 0


async def test_who_is_not_reached_is_called_again(world: TicketWorld, room: CallRoom, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id)
    await ended(world, outage_id)
    await restoring.turn()
    await room.dialler().round()
    await room.report(room.trunk.rings[0].token, Outcome.busy, 17)
    [call] = await calls(world)
    assert (call.state, call.due > world.clock()) == (State.waiting, True)


async def test_a_forgotten_caller_is_not_called(world: TicketWorld, room: CallRoom, restoring: Restoring) -> None:
    outage_id = await outage(world)
    await wants(world, outage_id, CALLER, OTHERS[0])
    await ended(world, outage_id)
    await restoring.turn()
    async with world.db.session() as session:
        assert await forget_number(session, pseudonym(CALLER, SECRET), world.clock()) == 1
        await session.commit()
    await room.dialler().round()
    assert [ring.number for ring in room.trunk.rings] == [OTHERS[0]]
    [forgotten, _] = await calls(world)
    assert (forgotten.state, forgotten.number, forgotten.number_hash) == (State.cancelled, None, "")
