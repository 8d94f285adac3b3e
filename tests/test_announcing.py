"""Emergency broadcasts and the mass-call switch: for everybody, and never without an end."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from outages.board import Board
from outages.errors import OutageError
from outages.service import OutageService
from outages.snapshot import load_board
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(db: Database, places: Places, clock: Clock) -> AsyncIterator[OutageService]:
    async with db.session() as session:
        yield OutageService(session, clock, "ayse")


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (None, "mass_call_needs_end"),
        (START, "bad_mass_call_end"),
        (START - HOUR, "bad_mass_call_end"),
        (START + timedelta(hours=24, seconds=1), "bad_mass_call_end"),
        (datetime(2026, 11, 25, 12), "bad_mass_call_end"),  # noqa: DTZ001
    ],
)
async def test_the_switch_needs_an_end_within_a_day(service: OutageService, until: datetime | None, code: str) -> None:
    with pytest.raises(OutageError) as refused:
        await service.mass_call(True, until)
    assert refused.value.code == code


async def test_the_switch_ends_by_itself(service: OutageService, places: Places) -> None:
    await service.mass_call(True, START + 24 * HOUR)
    board = await load_board(service.session, START)
    assert [board.mass_call_at(START + hours * HOUR) for hours in (0, 23, 24)] == [True, True, False]
    await service.mass_call(False)
    board = await load_board(service.session, START)
    assert (board.mass_call, board.mass_call_until, board.mass_call_at(START)) == (False, None, False)


def test_a_switch_of_an_older_copy_still_counts() -> None:
    assert Board(1, START, {}, (), mass_call=True).mass_call_at(START)


async def test_a_broadcast_is_reworded_and_extended(service: OutageService, places: Places) -> None:
    broadcast = await service.announce("Su içmeyin.", START + HOUR)
    await service.change_broadcast(broadcast.id, ends=START + 3 * HOUR)
    await service.change_broadcast(broadcast.id, text_en="Do not drink the water.", district_id=places.gebze)
    (view,) = (await load_board(service.session, START)).broadcasts
    assert (view.text, view.district_id, view.ends) == (
        {"tr": "Su içmeyin.", "en": "Do not drink the water."},
        places.gebze,
        START + 3 * HOUR,
    )


async def test_a_broadcast_that_is_over_stays_over(service: OutageService, clock: Clock) -> None:
    broadcast = await service.announce("Su içmeyin.", START + HOUR)
    for wrong in ({"ends": START}, {"text_tr": " "}, {"text_tr": "su " * 200}, {"district_id": 999}):
        with pytest.raises(OutageError):
            await service.change_broadcast(broadcast.id, **wrong)  # type: ignore[arg-type]
    assert (broadcast.text_tr, broadcast.ends) == ("Su içmeyin.", START + HOUR)
    clock.forward(HOUR)
    with pytest.raises(OutageError) as refused:
        await service.change_broadcast(broadcast.id, ends=START + 5 * HOUR)
    assert refused.value.code == "broadcast_over"
    with pytest.raises(OutageError) as refused:
        await service.change_broadcast(99, ends=START + 5 * HOUR)
    assert refused.value.code == "unknown_broadcast"
