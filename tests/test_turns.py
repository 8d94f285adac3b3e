"""While places are kept, an agent's telephone rings for whose turn it is, and not for who came later."""

from datetime import datetime, timedelta

import pytest

from dialling.claiming import Turn
from dialling.errors import DiallingError
from dialling.kinds import Outcome, State, Verdict
from dialling.places import Place, keep, on_the_desk, take_by_hand
from dialling.stopping import Steering
from dialling.turns import PATIENCE, Turns
from storage.database import Database
from storage.types import use_key
from tests.calling_world import CITIZEN, MINUTE, NEIGHBOUR, SECRET, CallRoom
from tests.outage_world import HOUR, START, Clock

LATER = START + MINUTE
HAZARD = 10


class Held:
    """The exchange's traffic while others wait on the line: only agents who are kept free are to be had."""

    def __init__(self, room: CallRoom) -> None:
        self.spared = 0
        self.turns = Turns(room.db, room.clock, lambda: self.spared)

    def in_use(self) -> int:
        return 0

    def turn(self) -> Turn:
        return Turn(self.turns.held)


@pytest.fixture
def room(db: Database) -> CallRoom:
    use_key("a key of the tests")
    room = CallRoom(db, Clock())
    room.traffic = Held(room)  # type: ignore[assignment]
    return room


@pytest.fixture
def turns(room: CallRoom) -> Turns:
    return room.traffic.turns  # type: ignore[attr-defined,no-any-return]


async def kept(room: CallRoom, number: str = CITIZEN, joined: datetime = START, **more: datetime) -> int:
    async with room.db.session() as session:
        place = Place(joined, "asked")
        whose = f"call of {number}"
        call = await keep(session, room.clock, SECRET, call=whose, number=number, language="tr", place=place, **more)
        await session.commit()
    return call.id


async def test_the_agent_is_kept_free_until_the_citizen_is_first_in_line(room: CallRoom, turns: Turns) -> None:
    call_id = await kept(room)
    assert await room.dialler().round() == 0
    assert await turns.ask("leg", LATER, 0) == "hold"
    assert await room.dialler().round() == 1
    assert await turns.ask("leg", LATER, 0) == "hold"
    async with room.answered(room.trunk.rings[0].token, Verdict.wants_person):
        assert await turns.ask("leg", LATER, 0) == "hold"
    assert await turns.ask("leg", LATER, 0) == "drop"
    assert await turns.ask("the next leg", LATER, 0) == "ring"
    assert (await room.call(call_id)).state == State.done


async def test_who_joined_earlier_or_is_in_danger_goes_first(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    assert await turns.ask("earlier", START - MINUTE, 0) == "ring"
    assert await turns.ask("hazard", LATER, HAZARD) == "ring"
    assert await turns.ask("later", LATER, 0) == "hold"
    assert await turns.ask("another agent", LATER, 0) == "ring"


async def test_two_agents_are_kept_for_two_places_in_the_order_of_the_queue(room: CallRoom, turns: Turns) -> None:
    await kept(room, NEIGHBOUR, START + timedelta(seconds=1))
    await kept(room)
    assert await turns.ask("first", LATER, 0) == "hold"
    assert await room.dialler().round() == 1
    assert await turns.ask("second", LATER, 0) == "hold"
    assert await room.dialler().round() == 1
    assert [ring.number for ring in room.trunk.rings] == [CITIZEN, NEIGHBOUR]


async def test_with_an_agent_to_spare_nobody_waits_for_a_telephone_that_rings(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    room.traffic.spared = 1  # type: ignore[attr-defined]
    assert await turns.ask("leg", LATER, 0) == "ring"


async def test_who_is_not_reached_lets_the_others_go_on(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    await turns.ask("leg", LATER, 0)
    await room.dialler().round()
    await room.report(room.trunk.rings[0].token, Outcome.no_answer, 19)
    assert await turns.ask("leg", LATER, 0) == "ring"


async def test_an_agent_is_not_kept_free_for_a_telephone_that_does_not_ring(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    for _ in range(int(PATIENCE.total_seconds())):
        assert await turns.ask("leg", LATER, 0) == "hold"
        room.later(timedelta(seconds=1))
    assert await turns.ask("leg", LATER, 0) == "ring"


async def test_a_leg_that_is_gone_keeps_nobody_free(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    await turns.ask("leg", LATER, 0)
    assert turns.held == 1
    room.later(timedelta(seconds=6))
    assert turns.held == 0


async def test_places_outlast_a_restart(room: CallRoom) -> None:
    await kept(room)
    assert await Turns(room.db, room.clock).ask("leg", LATER, 0) == "hold"


async def test_the_emergency_stop_holds_no_agent(room: CallRoom, turns: Turns) -> None:
    await kept(room)
    assert await turns.ask("leg", LATER, 0) == "hold"
    async with room.db.session() as session:
        await Steering(session, room.clock, "zeynep", SECRET, room.told).stop()
        await session.commit()
    assert await turns.ask("leg", LATER, 0) == "ring"


async def test_a_place_that_nobody_had_time_for_that_day_is_left_to_the_desk(room: CallRoom) -> None:
    call_id = await kept(room, until=START + HOUR)
    room.later(HOUR)
    assert await room.dialler().round() == 0
    assert (await room.call(call_id)).state == State.given_up
    assert room.told.words == [f"unreachable call of {CITIZEN}"]


async def test_who_is_called_by_hand_is_not_rung_and_taken_once(room: CallRoom, turns: Turns) -> None:
    call_id = await kept(room)
    async with room.db.session() as session:
        await take_by_hand(session, call_id, "zeynep", room.clock())
        await session.commit()
    assert await turns.ask("leg", LATER, 0) == "ring"
    assert (await room.call(call_id)).state == State.cancelled
    async with room.db.session() as session:
        assert [place.handled_by for _, place in await on_the_desk(session, room.clock())] == ["zeynep"]
        with pytest.raises(DiallingError, match="already"):
            await take_by_hand(session, call_id, "ali", room.clock())
