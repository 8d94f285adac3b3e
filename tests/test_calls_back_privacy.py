"""Calls to citizens are kept for ever, what is personal in them is not: by time travel, and at once for who asks."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from dialling.by_hand import Made, write_down
from dialling.forgetting import forget_called, forget_number
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.numbers import pseudonym
from storage.database import Database
from storage.types import Protected, use_key
from tests.calling_world import CITIZEN, NEIGHBOUR, SECRET, CallRoom
from tests.outage_world import Clock
from tests.ticket_world import ticket_world
from tickets.files import Files
from tickets.life import Move
from tickets.privacy import Forgetting

KEPT = timedelta(days=90)
YEARS = timedelta(days=730)


@pytest.fixture
async def room(db: Database) -> CallRoom:
    use_key("a key for tests, long enough")
    return CallRoom(db, Clock())


async def raw(db: Database, *tables: str) -> str:
    """Everything in these tables, what is protected opened."""
    found = []
    async with db.reading() as session:
        for table in tables:
            for row in (await session.execute(text(f"SELECT * FROM {table}"))).mappings():
                found += [f"{name}={_open(value)}" for name, value in row.items()]
    return " ".join(found)


def _open(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("g1:"):
        return value
    return Protected().process_result_value(value, None)  # type: ignore[arg-type]


async def by_hand(room: CallRoom, verdict: Verdict | None = None) -> None:
    outcome = Outcome.person if verdict else Outcome.no_answer
    async with room.db.session() as session:
        made = Made(Why.ticket_check, "26-004217", CITIZEN, "ayse", outcome, verdict)
        await write_down(session, room.clock(), made, SECRET)
        await session.commit()


async def test_after_its_time_an_attempt_tells_when_why_and_how_but_not_whom(room: CallRoom) -> None:
    await room.ask()
    await room.dialler().round()
    await room.talk(room.trunk.rings[0].token, Verdict.solved)
    room.later(timedelta(hours=1))
    await by_hand(room, Verdict.solved)
    hashed = pseudonym(CITIZEN, SECRET)
    before = await raw(room.db, "outbound_calls", "call_attempts")
    assert hashed in before
    assert "İyi günler" in before
    room.later(KEPT - timedelta(days=1))
    await forget_called(room.db, room.clock(), KEPT)
    assert await raw(room.db, "outbound_calls", "call_attempts") == before
    room.later(timedelta(days=2))
    await forget_called(room.db, room.clock(), KEPT)
    after = await raw(room.db, "outbound_calls", "call_attempts")
    for personal in (hashed, CITIZEN, "İyi günler"):
        assert personal not in after
    told = [(a.who, a.why, a.outcome, a.verdict, a.heard, a.keys) for a in await room.attempts()]
    assert told == [
        (None, "ticket_check", "answered_person", "solved", None, None),
        ("ayse", "ticket_check", "answered_person", "solved", None, None),
    ]


async def test_years_later_the_calls_are_all_still_there(room: CallRoom) -> None:
    for _ in range(3):
        await by_hand(room)
        room.later(KEPT)
        await forget_called(room.db, room.clock(), KEPT)
    room.later(10 * YEARS)
    await forget_called(room.db, room.clock(), KEPT)
    assert [(a.who, a.outcome) for a in await room.attempts()] == [("ayse", "no_answer")] * 3
    assert pseudonym(CITIZEN, SECRET) not in await raw(room.db, "outbound_calls", "call_attempts")


async def forgotten(room: CallRoom) -> int:
    """How many calls were about them."""
    async with room.db.session() as session:
        calls = await forget_number(session, pseudonym(CITIZEN, SECRET), room.clock())
        await session.commit()
    return calls


async def test_who_asks_is_forgotten_at_once_and_called_no_more(room: CallRoom) -> None:
    first, second, other = await room.ask(), await room.ask("26-000002"), await room.ask("26-000003", NEIGHBOUR)
    await by_hand(room)
    assert await forgotten(room) == 2
    assert [(await room.call(call)).state for call in (first, second, other)] == [
        State.cancelled, State.cancelled, State.waiting,
    ]  # fmt: skip
    assert await room.dialler().round() == 1
    assert [ring.number for ring in room.trunk.rings] == [NEIGHBOUR]
    left = await raw(room.db, "outbound_calls", "call_attempts")
    assert pseudonym(CITIZEN, SECRET) not in left
    assert CITIZEN not in left


async def test_a_call_that_rings_while_its_citizen_is_forgotten_is_the_last(room: CallRoom) -> None:
    call = await room.ask()
    await room.dialler().round()
    await forgotten(room)
    await room.report(room.trunk.rings[0].token, Outcome.no_answer)
    room.later(timedelta(days=1))
    assert await room.dialler().round() == 0
    assert (await room.call(call)).state == State.opted_out
    room.later(KEPT + timedelta(days=1))
    await forget_called(room.db, room.clock(), KEPT)
    assert pseudonym(CITIZEN, SECRET) not in await raw(room.db, "outbound_calls", "call_attempts")


async def test_photos_and_notes_of_the_field_go_with_the_ticket(db: Database, tmp_path: Path) -> None:
    world = await ticket_world(db)
    files = Files(tmp_path / "tickets")
    number = await world.report(told="Ali Kaya, Bağ Sk.")
    await world.watch.turn()
    await world.move(number, Move.accept, Move.arrive)
    for name in ("ali.jpg", "bahçe.jpg"):
        async with world.at_work() as work:
            ticket = await work.get(number, hold=True)
            await files.add(work.session, ticket, world.clock(), "crew", name, b"\xff\xd8\xff " + name.encode())
    await world.move(number, Move.finish, Move.ask, Move.close, note="Ali Bey evdeydi")
    world.clock.forward(YEARS + timedelta(days=1))
    assert await Forgetting(db, world.clock, files.voices).purge(YEARS) == 1
    left = await raw(db, "tickets", "ticket_events", "ticket_notes", "ticket_files")
    for personal in ("Ali", "ali.jpg", "bahçe", "Bağ", CITIZEN):
        assert personal not in left
    assert list((tmp_path / "tickets").iterdir()) == []
    assert [event.what for event in await world.history(number)].count("file") == 2
