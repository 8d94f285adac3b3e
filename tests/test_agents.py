"""Agents at work: what they may choose, what the line makes of them, and that queues follow; every change is kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from agents.desk import COMES_BACK_WITHIN, SILENT, AgentDesk
from agents.errors import AgentError
from agents.models import AgentSession, Contact, StateRow
from agents.rules import Rang
from agents.setup import Setup
from agents.states import Outcome, State
from agents.work import Wrapped
from people.roles import Duty, Role
from storage.database import Database
from storage.types import use_key
from tests.agents_world import CALLER, CHANNEL, FakeExchange, agent_desk, journal
from tests.outage_world import Clock, add_places
from tests.people_world import add_person

QUEUE = "alo185-agents"
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    desk: AgentDesk
    exchange: FakeExchange
    clock: Clock
    db: Database
    agent: int
    yeni: int

    @property
    def endpoint(self) -> str:
        return f"desk-{self.agent}"

    async def ready(self) -> None:
        await self.desk.choose(self.agent, "ayse", State.ready)

    async def rings(self, leg: str = "1732500001.9", caller: str = CHANNEL) -> None:
        await self.desk.rang(Rang(self.endpoint, leg, caller, QUEUE, 12.0, CALLER))

    async def state(self) -> State:
        async with self.desk.work() as work:
            row = await work.present(self.agent)
        return row.state if row else State.out

    async def contact(self) -> Contact:
        async with self.db.reading() as session:
            return (await session.scalars(select(Contact).order_by(Contact.id.desc()))).first() or Contact()


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    use_key("a key of the tests")
    clock, exchange = Clock(), FakeExchange()
    user = await add_person(db, "ayse", Role.operator, clock, duties=[Duty.desk])
    places = await add_places(db)
    desk = agent_desk(db, clock, exchange)
    yield World(desk, exchange, clock, db, user.id, places.yeni)
    await desk.stop()


async def test_the_queue_follows_what_an_agent_chooses(world: World) -> None:
    await world.ready()
    assert world.exchange.queues == {QUEUE: {world.endpoint: False}}
    await world.desk.choose(world.agent, "ayse", State.paused, 1)
    assert world.exchange.queues == {QUEUE: {world.endpoint: True}}
    await world.ready()
    assert world.exchange.queues == {QUEUE: {world.endpoint: False}}
    await world.desk.choose(world.agent, "ayse", State.out)
    assert world.exchange.queues == {QUEUE: {}}


async def test_every_change_is_kept_from_then_until_then(world: World) -> None:
    await world.ready()
    world.clock.forward(MINUTE)
    await world.desk.choose(world.agent, "ayse", State.paused, 2)
    world.clock.forward(MINUTE)
    await world.desk.choose(world.agent, "ayse", State.paused, 2)
    await world.desk.choose(world.agent, "ayse", State.out)
    async with world.db.reading() as session:
        rows = (await session.scalars(select(StateRow).order_by(StateRow.id))).all()
        held = (await session.scalars(select(AgentSession))).one()
    assert [(r.state, r.reason_id, r.until - r.at if r.until else None, r.who) for r in rows] == [
        (State.ready, None, MINUTE, "ayse"),
        (State.paused, 2, MINUTE, "ayse"),
    ]
    assert (held.how, held.ended) == ("signed_out", world.clock())


async def test_a_call_goes_through_ringing_and_talking_to_its_result(world: World) -> None:
    world.desk.memory.keep(journal(world.clock, world.yeni))
    await world.ready()
    await world.rings()
    assert await world.state() is State.ringing
    await world.desk.answered("1732500001.9")
    assert await world.state() is State.talking
    assert world.exchange.queues[QUEUE][world.endpoint] is False
    world.clock.forward(2 * MINUTE)
    await world.desk.ended("1732500001.9")
    assert await world.state() is State.wrap_up
    assert world.exchange.queues[QUEUE][world.endpoint] is True
    with pytest.raises(AgentError, match="result"):
        await world.ready()
    await world.desk.wrap_up(world.agent, "ayse", Wrapped(1, note="Bilgi verdim"))
    assert await world.state() is State.ready
    assert world.exchange.queues[QUEUE][world.endpoint] is False
    contact = await world.contact()
    assert (contact.outcome, contact.waited, contact.area_id, contact.reason) == (
        Outcome.done,
        12.0,
        world.yeni,
        "asked",
    )
    assert (contact.number, contact.note, contact.ended) == (CALLER, "Bilgi verdim", world.clock())


async def test_a_result_that_is_written_while_talking_lets_the_next_call_come_at_once(world: World) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.wrap_up(world.agent, "ayse", Wrapped(1))
    assert await world.state() is State.talking
    await world.desk.ended("1732500001.9")
    assert await world.state() is State.ready


async def test_a_pause_may_follow_a_call(world: World) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.ended("1732500001.9")
    await world.desk.wrap_up(world.agent, "ayse", Wrapped(1), reason_id=1)
    assert await world.state() is State.paused
    assert world.exchange.queues[QUEUE][world.endpoint] is True


@pytest.mark.parametrize(("abandoned", "outcome"), [(False, Outcome.missed), (True, Outcome.abandoned)])
async def test_a_ring_without_an_answer_asks_for_no_result(world: World, abandoned: bool, outcome: Outcome) -> None:
    await world.ready()
    await world.rings()
    await world.desk.ended("1732500001.9", abandoned=abandoned)
    assert await world.state() is State.ready
    assert (await world.contact()).outcome is outcome


async def test_reports_that_come_twice_or_overtake_each_other_change_nothing(world: World) -> None:
    await world.ready()
    await world.desk.ended("1732500001.9")
    await world.rings()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.answered("1732500001.9")
    await world.desk.ended("1732500001.9")
    await world.desk.ended("1732500001.9")
    await world.desk.answered("1732500001.9")
    assert await world.state() is State.wrap_up
    async with world.db.reading() as session:
        assert len((await session.scalars(select(Contact))).all()) == 1


async def test_telephones_of_nobody_at_the_desk_are_left_alone(world: World) -> None:
    for endpoint in ("alo185-agent-1", "desk-", "desk-x", "desk-99999999999"):
        await world.desk.rang(Rang(endpoint, "17.1", CHANNEL, QUEUE))
    async with world.db.reading() as session:
        assert not (await session.scalars(select(Contact))).all()


async def test_in_a_call_nobody_pauses_or_leaves(world: World) -> None:
    await world.ready()
    await world.rings()
    for wanted in (State.paused, State.ready, State.out):
        with pytest.raises(AgentError):
            await world.desk.choose(world.agent, "ayse", wanted, 1)


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    for reason in (None, 999):
        with pytest.raises(AgentError, match="why you pause"):
            await world.desk.choose(world.agent, "ayse", State.paused, reason)
    with pytest.raises(AgentError, match="no call"):
        await world.desk.wrap_up(world.agent, "ayse", Wrapped(1))
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    for wrapped in (Wrapped(99), Wrapped(5), Wrapped(5, world.clock() + timedelta(days=31))):
        with pytest.raises(AgentError):
            await world.desk.wrap_up(world.agent, "ayse", wrapped)
    await world.desk.wrap_up(world.agent, "ayse", Wrapped(5, world.clock() + MINUTE))
    assert (await world.contact()).call_back_at == world.clock() + MINUTE


async def test_a_tab_that_is_gone_ends_the_session_and_the_call_counts_as_lost(world: World) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.gone(world.agent)
    assert await world.state() is State.out
    assert world.exchange.queues == {QUEUE: {}}
    assert (await world.contact()).outcome is Outcome.lost
    await world.desk.ended("1732500001.9")
    assert await world.state() is State.out


@pytest.mark.parametrize("told_first", [True, False])
async def test_a_caller_who_is_put_into_the_line_again_was_lost_whatever_is_told_first(
    world: World, told_first: bool
) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    if told_first:
        await world.desk.lost(CHANNEL)
    await world.desk.ended("1732500001.9")
    if not told_first:
        await world.desk.lost(CHANNEL)
    assert (await world.contact()).outcome is Outcome.lost
    await world.desk.lost("of nobody")


async def test_whom_an_agent_left_with_a_third_is_not_lost_when_those_two_have_finished(world: World) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.ended("1732500001.9")
    world.clock.forward(MINUTE)
    assert not await world.desk.lost(CHANNEL)
    assert (await world.contact()).outcome is Outcome.done


async def test_a_call_that_a_restarted_exchange_forgot_is_over_once_the_telephone_is_back(world: World) -> None:
    await world.ready()
    await world.rings()
    await world.desk.answered("1732500001.9")
    await world.desk.phone_back(world.agent)
    assert await world.state() is State.talking
    world.exchange.lost.add("1732500001.9")
    await world.desk.phone_back(world.agent)
    assert await world.state() is State.wrap_up


async def test_a_silent_browser_is_signed_out_and_one_that_tells_is_not(world: World) -> None:
    await world.ready()
    world.clock.forward(SILENT)
    await world.desk.here(world.agent)
    world.clock.forward(SILENT)
    await world.desk.sweep()
    assert await world.state() is State.ready
    world.clock.forward(timedelta(seconds=1))
    await world.desk.sweep()
    assert (await world.state(), world.exchange.queues) == (State.out, {QUEUE: {}})


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_page_that_is_loaded_anew_keeps_its_agent(world: World, comes_back: bool) -> None:
    async def passes(seconds: float) -> None:
        assert seconds == COMES_BACK_WITHIN
        world.clock.forward(timedelta(seconds=1))
        if comes_back:
            await world.desk.here(world.agent)

    desk = agent_desk(world.db, world.clock, world.exchange, sleep=passes)
    await desk.choose(world.agent, "ayse", State.ready)
    desk.page_closed(world.agent)
    await desk.settled()
    assert await world.state() is (State.ready if comes_back else State.out)


async def test_queues_that_could_not_be_told_are_told_later(world: World) -> None:
    world.exchange.away = True
    await world.ready()
    assert world.exchange.queues == {}
    world.exchange.away = False
    await world.desk.sweep()
    assert world.exchange.queues == {QUEUE: {world.endpoint: False}}


async def test_an_exchange_that_was_started_again_is_told_anew(world: World) -> None:
    await world.ready()
    world.exchange.queues.clear()
    await world.desk.follower.anew(world.agent)
    assert world.exchange.queues == {QUEUE: {world.endpoint: False}}


async def test_who_is_moved_to_other_queues_serves_those(world: World) -> None:
    async with world.db.session() as session:
        setup = Setup(session, world.clock, "fatma")
        await setup.know_queues([QUEUE, "alo185-bills"])
        await setup.serve(world.agent, ["alo185-bills"])
        await session.commit()
    await world.ready()
    assert world.exchange.queues == {"alo185-bills": {world.endpoint: False}}
    async with world.db.session() as session:
        await Setup(session, world.clock, "fatma").serve(world.agent, [QUEUE, "alo185-bills"])
        await session.commit()
    await world.desk.queues_changed(world.agent)
    assert set(world.exchange.queues) == {QUEUE, "alo185-bills"}
