"""Who reported is forgotten in time, or when they ask; what was done stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.ticket_world import CALLER, SECRET, TicketWorld, ticket_world
from tickets import search
from tickets.files import Files
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.life import Move
from tickets.privacy import Forgetting, pseudonym

YEARS = timedelta(days=730)
LIFE = (Move.accept, Move.arrive, Move.finish, Move.ask, Move.close)


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    return await ticket_world(db)


async def solved(world: TicketWorld, files: Files, key: str = "1") -> str:
    """With everything personal that a ticket can hold."""
    voice = files.voices.keep(_message(files))
    personal = {"told": "Ben Ali Kaya", "address": "Bağ Sk. 3", "caller_name": "Ali Kaya", "voice": voice}
    number = await world.report(key, **personal)
    await world.watch.turn()
    async with world.at_work() as work:
        ticket = await work.get(number, hold=True)
        await files.add(work.session, ticket, world.clock(), "ayse", "ali.jpg", b"\xff\xd8\xff photo")
    await world.move(number, *LIFE, note="Ali Bey teşekkür etti")
    return number


def _message(files: Files) -> Path:
    path = Path(files.__dict__["_folder"]).parent / "message.wav"
    path.write_bytes(b"RIFF my name is Ali")
    return path


async def everything(world: TicketWorld) -> str:
    found = []
    async with world.db.reading() as session:
        for table in ("tickets", "ticket_events", "ticket_notes", "ticket_files", "ticket_clocks"):
            found += [str(row) for row in await session.execute(text(f"SELECT * FROM {table}"))]
    return " ".join(found)


async def test_closed_tickets_forget_their_citizens_when_their_time_is_up(world: TicketWorld, tmp_path: Path) -> None:
    files = Files(tmp_path / "tickets")
    forgetting = Forgetting(world.db, world.clock, files.voices)
    number = await solved(world, files)
    still_open = await world.report("2", told="Hâlâ bekliyor")
    before = [event.what for event in await world.history(number)]
    world.clock.forward(YEARS - timedelta(days=1))
    assert await forgetting.purge(YEARS) == 0
    world.clock.forward(timedelta(days=2))
    assert [await forgetting.purge(YEARS), await forgetting.purge(YEARS)] == [1, 0]
    ticket = await world.ticket(number)
    assert (ticket.callback_number, ticket.number_hash, ticket.told, ticket.voice) == (None, None, None, None)
    left = await everything(world)
    assert "Ali" not in left
    assert "Bağ" not in left
    assert list((tmp_path / "tickets").iterdir()) == []
    assert [event.what for event in await world.history(number)] == [*before, "forgotten"]
    assert (ticket.category, ticket.cause, ticket.area_id) == ("leak", "valve", world.places.yeni)
    assert (await world.ticket(still_open)).told == "Hâlâ bekliyor"


async def test_who_asks_is_forgotten_at_once_in_all_tickets(world: TicketWorld, tmp_path: Path) -> None:
    files = Files(tmp_path / "tickets")
    for key in range(3):
        await solved(world, files, str(key))
    other = await world.report("other", callback_number="+905339998877", told="Benim adım Veli")
    forgetting = Forgetting(world.db, world.clock, files.voices)
    assert await forgetting.forget(pseudonym(CALLER, SECRET)) == 3
    assert "Ali" not in await everything(world)
    assert (await world.ticket(other)).told == "Benim adım Veli"


async def test_the_same_caller_is_found_without_the_number_being_readable(world: TicketWorld) -> None:
    first, second = await world.report("1"), await world.report("2")
    await world.report("3", callback_number="+905339998877")
    async with world.db.reading() as session:
        found = await search.same_caller(session, await world.ticket(first))
    assert [ticket.number for ticket in found] == [second]
    assert "532123" not in await everything(world)


async def test_without_a_number_there_is_no_same_caller(world: TicketWorld) -> None:
    async with world.db.session() as session:
        taken = await take(session, world.clock(), Submission(Channel.web, "x", Category.leak), who="t", secret=SECRET)
        assert await search.same_caller(session, taken.ticket) == []
