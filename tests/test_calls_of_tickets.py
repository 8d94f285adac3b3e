"""What the field has done is asked about by telephone, and what the citizen says closes the ticket or opens it anew."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from dialling.kinds import Outcome, State, Verdict
from dialling.models import OutboundCall
from ivr.calling.following import AskedByCall, AskedByPeople, TicketFollowUp
from outages.service import OutageService
from storage.database import Database
from tests.calling_world import SECRET, CallRoom
from tests.outage_world import fault
from tests.ticket_world import CALLER, TicketWorld, ticket_world
from tickets.errors import TicketError
from tickets.handling import Handling
from tickets.kinds import Category
from tickets.life import Move
from tickets.life import State as TicketState
from tickets.watch import TicketWatch

DONE = (Move.accept, Move.set_out, Move.arrive, Move.finish)
DAY = timedelta(days=1)


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    world = await ticket_world(db)
    world.teller = replace(world.teller, asking=AskedByCall(world.clock, SECRET))
    world.watch = TicketWatch(db, world.teller)
    return world


@pytest.fixture
def room(world: TicketWorld) -> CallRoom:
    return CallRoom(world.db, world.clock, follow_up=TicketFollowUp(world.teller))


async def done(world: TicketWorld, key: str = "1", **facts: object) -> str:
    """A report that the field has worked off."""
    number = await world.report(key, **facts)
    await world.watch.turn()
    await world.move(number, *DONE)
    return number


async def calls(world: TicketWorld) -> Sequence[OutboundCall]:
    async with world.db.reading() as session:
        return (await session.scalars(select(OutboundCall).order_by(OutboundCall.id))).all()


async def rung(room: CallRoom) -> str:
    """The token of the one call that rings now."""
    assert await room.dialler().round() == 1
    return room.trunk.rings[-1].token


async def reasons(world: TicketWorld, number: str) -> list[tuple[str, str | None]]:
    """What asking the citizen left in the history."""
    told = ("ask", "call", "rated", "close", "reopen", "not_reached")
    return [(event.what, event.reason) for event in await world.history(number) if event.what in told]


async def test_no_opens_it_anew_and_yes_closes_it(world: TicketWorld, room: CallRoom) -> None:
    number = await done(world)
    [call] = await calls(world)
    assert (call.subject, call.number, call.state) == (number, CALLER, State.waiting)
    assert (await world.ticket(number)).state is TicketState.confirming
    assert await room.talk(await rung(room), Verdict.not_solved)
    await world.watch.turn()
    again = await world.ticket(number)
    assert (again.state, again.round, again.urgency) == (TicketState.sent, 2, "urgent")
    assert "yeniden açıldı" in (await world.mails())[-1].subject
    await world.move(number, *DONE)
    assert [call.state for call in await calls(world)] == [State.done, State.waiting]
    token = await rung(room)
    async with room.answered(token, Verdict.solved, stars=4):
        pass
    assert (await world.ticket(number)).state is TicketState.closed
    assert await reasons(world, number) == [
        ("ask", "by_call"), ("reopen", "not_solved"), ("ask", "by_call"), ("close", "solved"), ("rated", "stars_4"),
    ]  # fmt: skip
    history = await world.history(number)
    assert [event.who for event in history if event.what in ("reopen", "close")] == ["citizen"] * 2
    room.later(DAY)
    assert await room.dialler().round() == 0


async def test_however_often_the_field_says_so_it_is_one_call(world: TicketWorld, room: CallRoom) -> None:
    number = await done(world)
    for _ in range(3):
        with pytest.raises(TicketError):
            await world.move(number, Move.finish)
    await world.watch.turn()
    assert len(await calls(world)) == 1


async def test_a_step_that_is_not_kept_asks_for_no_call(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    await world.move(number, Move.accept)
    async with world.db.session() as session:  # nothing is committed
        await Handling(session, world.teller, "crew").move(number, Move.finish, cause="valve")
    assert await calls(world) == []


async def test_who_is_never_reached_is_left_to_people(world: TicketWorld, room: CallRoom) -> None:
    number = await done(world)
    for outcome in (Outcome.busy, Outcome.no_answer, Outcome.machine, Outcome.hung_up, Outcome.rejected):
        await room.report(await rung(room), outcome)
        room.later(DAY)
    assert (await world.ticket(number)).state is TicketState.unreachable
    assert await reasons(world, number) == [
        ("ask", "by_call"), ("call", "busy"), ("call", "no_answer"), ("call", "answered_machine"), ("call", "hung_up"),
        ("call", "rejected"), ("not_reached", "calls_in_vain"),
    ]  # fmt: skip
    assert await room.dialler().round() == 0


@pytest.mark.parametrize("move", [Move.close, Move.reopen, Move.not_reached])
async def test_what_people_settle_is_not_asked(world: TicketWorld, room: CallRoom, move: Move) -> None:
    await world.move(await done(world), move, who="ayse")
    assert [call.state for call in await calls(world)] == [State.cancelled]
    assert await room.dialler().round() == 0


async def test_what_people_settle_while_it_rings_is_not_tried_again(world: TicketWorld, room: CallRoom) -> None:
    number, token = await done(world), await rung(room)
    await world.move(number, Move.close, who="ayse")
    await room.report(token, Outcome.no_answer)
    assert [call.state for call in await calls(world)] == [State.cancelled]
    assert (await world.ticket(number)).state is TicketState.closed


async def test_a_word_that_comes_too_late_is_kept_and_moves_nothing(world: TicketWorld, room: CallRoom) -> None:
    number, token = await done(world), await rung(room)
    await world.move(number, Move.reopen, who="ayse")
    assert await room.talk(token, Verdict.solved)
    assert (await world.ticket(number)).state is TicketState.reopened
    assert (await reasons(world, number))[-1] == ("call", "solved")


async def test_who_wants_a_person_is_still_being_asked(world: TicketWorld, room: CallRoom) -> None:
    number = await done(world)
    await room.talk(await rung(room), Verdict.wants_person)
    assert (await world.ticket(number)).state is TicketState.confirming
    assert (await reasons(world, number))[-1] == ("call", "wants_person")


async def test_who_wants_no_more_calls_is_left_to_people_with_all_their_tickets(
    world: TicketWorld, room: CallRoom
) -> None:
    first, second = await done(world, "1"), await done(world, "2")
    await room.talk(await rung(room), Verdict.opted_out)
    for number in (first, second):
        assert (await world.ticket(number)).state is TicketState.unreachable
        assert (await reasons(world, number))[-1] == ("not_reached", "opted_out")
    third = await done(world, "3")
    assert (await world.ticket(third)).state is TicketState.done
    assert await reasons(world, third) == [("call", "opted_out")]


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"callback_number": None}, []),
        ({"category": Category.information}, []),
        ({"callback_number": "+4915112345678"}, [("call", "not_callable")]),
        ({"callback_number": "+909001234567"}, [("call", "not_callable")]),
    ],
    ids=["no number", "information", "abroad", "premium"],
)
async def test_some_are_asked_by_people_or_not_at_all(
    world: TicketWorld, facts: dict[str, object], left: list[tuple[str, str]]
) -> None:
    number = await done(world, **facts)
    assert await calls(world) == []
    assert (await world.ticket(number)).state is TicketState.done
    assert await reasons(world, number) == left


async def test_when_an_outage_is_over_those_who_reported_it_are_asked(world: TicketWorld) -> None:
    number = await world.report()
    async with world.db.session() as session:
        outages = OutageService(session, world.clock, "tests")
        outage = await outages.create(fault(world.places.yeni))
        await session.commit()
    async with world.at_work() as work:
        await work.attach(number, outage.id)
    async with world.db.session() as session:
        await OutageService(session, world.clock, "tests").end(outage.id)
        await session.commit()
    await world.watch.turn()
    await world.watch.turn()
    assert [call.subject for call in await calls(world)] == [number]
    assert (await world.ticket(number)).state is TicketState.confirming


async def test_by_default_nobody_is_called(db: Database) -> None:
    world = await ticket_world(db)
    number = await done(world)
    assert await calls(world) == []
    assert (await world.ticket(number)).state is TicketState.done


async def test_where_nothing_dials_the_desk_is_told_and_what_it_put_off_ends_with_the_ticket(
    world: TicketWorld, room: CallRoom
) -> None:
    world.teller = replace(world.teller, asking=AskedByPeople(world.clock, SECRET))
    number = await done(world)
    assert (await world.ticket(number)).state is TicketState.done
    assert await reasons(world, number) == [("call", "by_people")]
    call = await room.ask(number, CALLER, due=world.clock() + DAY)
    await world.move(number, Move.ask, Move.close)
    assert (await room.call(call)).state == State.cancelled


async def test_work_that_is_finished_again_while_the_call_is_ending_waits_for_nobody_in_a_circle(
    world: TicketWorld, room: CallRoom
) -> None:
    number = await done(world)
    token = await rung(room)
    async with room.work() as work:
        assert await work.begin(token)
    holding, ending = asyncio.Event(), asyncio.Event()

    async def finishes_again() -> None:
        async with world.db.session() as session:
            handling = Handling(session, world.teller, "crew")
            ticket = await handling.get(number, hold=True)
            holding.set()
            await ending.wait()
            if world.db.engine.dialect.name == "postgresql":
                waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                while not await session.scalar(waits):  # noqa: ASYNC110  # the database knows, nobody else
                    await asyncio.sleep(0.01)  # until the other waits for the ticket
            await AskedByCall(world.clock, SECRET).ask(session, ticket)
            await session.commit()

    async def says_no() -> None:
        await holding.wait()
        ending.set()
        async with room.work() as work:
            await work.conclude(token, Verdict.not_solved)

    async with asyncio.timeout(20):
        await asyncio.gather(finishes_again(), says_no())
    assert (await world.ticket(number)).state is TicketState.reopened
