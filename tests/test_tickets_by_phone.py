"""The state of a ticket by telephone: where it is and when it is to be solved, slowed down for who asks for many."""

from datetime import timedelta

import pytest

from storage.database import Database
from tests.outage_world import Clock
from tests.ticket_world import CALLER, SECRET, TicketWorld, ticket_world
from tickets.errors import TicketError
from tickets.life import Move, State
from tickets.service import TicketService
from tickets.status import PhoneStatus

OTHER = "+905339998877"


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    return await ticket_world(db)


@pytest.fixture
def phone(world: TicketWorld, tmp_path_factory: pytest.TempPathFactory) -> TicketService:
    return TicketService(world.db, tmp_path_factory.mktemp("tickets"), world.clock, SECRET)


async def test_it_follows_the_ticket_to_its_end(world: TicketWorld, phone: TicketService) -> None:
    number = await world.report()
    assert await phone.state(number, CALLER) == PhoneStatus(State.new, False, None)
    await world.watch.turn()
    due = (await world.clocks(number))["solution"].due
    assert await phone.state(number, CALLER) == PhoneStatus(State.sent, False, due)
    await world.move(number, Move.accept, Move.set_out)
    assert await phone.state(number, OTHER) == PhoneStatus(State.on_the_way, False, due)
    await world.move(number, Move.arrive, Move.finish)
    assert await phone.state(number, OTHER) == PhoneStatus(State.done, False, None)
    assert await phone.state("26-000099", OTHER) is None


async def test_a_duplicate_is_where_its_main_ticket_is(world: TicketWorld, phone: TicketService) -> None:
    main, copy = await world.report("1"), await world.report("2")
    await world.watch.turn()
    async with world.at_work() as work:
        await work.merge(copy, main)
    await world.move(main, Move.accept, Move.arrive)
    found = await phone.state(copy, CALLER)
    assert found
    assert found.state is State.on_site


async def test_one_that_waits_for_an_outage_has_no_promise(world: TicketWorld, phone: TicketService) -> None:
    number = await world.report(outage_id=7)
    assert await phone.state(number, CALLER) == PhoneStatus(State.new, True, None)


async def asked(phone: TicketService, caller: str | None, clock: Clock, seconds: int, times: int) -> int:
    """How many of these look-ups, made one after the other, were answered."""
    answered, refusals = 0, set[str]()
    for serial in range(times):
        clock.forward(timedelta(seconds=seconds))
        try:
            await phone.state(f"26-{serial + 1:06}", caller)
            answered += 1
        except TicketError as refused:
            refusals.add(refused.code)
    assert refusals <= {"wait"}
    return answered


async def test_nobody_walks_through_all_numbers(world: TicketWorld, phone: TicketService) -> None:
    """Numbers are in a row: what is found counts as much as what is not."""
    for key in range(3):
        await world.report(str(key))
    assert await asked(phone, CALLER, world.clock, 5, 720) < 30  # in an hour
    assert await asked(phone, OTHER, world.clock, 5, 6) == 6
    world.clock.forward(timedelta(hours=2))
    assert await asked(phone, CALLER, world.clock, 5, 3) == 3


async def test_who_hides_their_number_is_slowed_down_with_all_who_do(world: TicketWorld, phone: TicketService) -> None:
    assert await asked(phone, None, world.clock, 1, 600) < 120
