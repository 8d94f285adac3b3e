"""Every call leaves a record; what is personal in it is unreadable on disk and goes when its time is up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from calls.journal import Heard, Journal, Outcome, Pressed
from calls.memory import CallerMemory
from calls.models import CallRecord
from calls.privacy import masked
from calls.records import CallRecords
from storage.database import Database
from storage.errors import StorageError
from storage.types import use_key

NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
NUMBER = "+905321234567"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def journal(call_id: str = "1.0-aa", outcome: Outcome = Outcome.served, started: datetime = NOON) -> Journal:
    return Journal(
        call_id,
        NUMBER,
        started,
        "ari",
        area_id=7,
        outage_ids=[3],
        outcome=outcome,
        heard=[Heard(at(0), "welcome.short", "Hoş geldiniz"), Heard(at(2), "number.read", "beş otuz iki", True)],
        pressed=[Pressed(at(3), "1"), Pressed(at(9), "05321234567", private=True)],
        first_answer=started + timedelta(seconds=4),
        answered=started,
        ended=started + timedelta(seconds=30),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alo185.db"


@pytest.fixture
async def db(file: Path) -> AsyncIterator[Database]:
    use_key("a key of the tests")
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.migrate()
    yield database
    await database.close()


async def only(db: Database) -> CallRecord:
    async with db.reading() as session:
        return (await session.scalars(select(CallRecord))).one()


async def test_a_call_is_kept_as_it_was(db: Database) -> None:
    await CallRecords(db, lambda: NOON, secret="s").save(journal())
    record = await only(db)
    assert (record.outcome, record.area_id, record.outage_ids) == ("served", 7, [3])
    assert (record.first_answer_seconds, record.duration_seconds) == (4.0, 30.0)
    assert record.caller == NUMBER
    assert record.heard == (
        '[[0.0, "welcome.short", "Hoş geldiniz", false], [2.0, "number.read", "beş otuz iki", true]]'
    )


async def test_private_keys_are_never_stored(db: Database) -> None:
    await CallRecords(db, lambda: NOON).save(journal())
    assert (await only(db)).keys == '[[3.0, "1"], [9.0, "•••••••••••"]]'


async def test_nothing_personal_can_be_read_from_the_database_file(db: Database, file: Path) -> None:
    await CallRecords(db, lambda: NOON, secret="s").save(journal())
    await db.close()
    stored = b"".join(path.read_bytes() for path in file.parent.glob("alo185.db*"))
    assert b"1.0-aa" in stored
    for personal in ("5321234567", "beş otuz iki"):
        assert personal.encode() not in stored


async def test_saving_twice_keeps_one_record(db: Database) -> None:
    records = CallRecords(db, lambda: NOON)
    await records.save(journal())
    await records.save(journal())
    assert (await only(db)).call_id == "1.0-aa"


async def test_records_wait_sealed_on_disk_while_the_database_is_away(db: Database, tmp_path: Path) -> None:
    spool = tmp_path / "unsaved-calls"
    records = CallRecords(db, lambda: NOON, spool=spool)
    await hide_table(db)
    await records.save(journal("1.0-aa"))
    await records.save(journal("1.1-bb"))
    assert b"532" not in spool.read_bytes()
    assert spool.stat().st_mode & 0o777 == 0o600
    await show_table(db)
    await records.save(journal("1.2-cc"))
    async with db.reading() as session:
        kept = set(await session.scalars(select(CallRecord.call_id)))
    assert kept == {"1.0-aa", "1.1-bb", "1.2-cc"}
    assert not spool.exists()


async def test_what_waited_is_stored_by_the_next_service(db: Database, tmp_path: Path) -> None:
    spool = tmp_path / "unsaved-calls"
    await hide_table(db)
    await CallRecords(db, lambda: NOON, spool=spool).save(journal())
    with spool.open("a") as cut_short:
        cut_short.write("gAAAAAB")
    await show_table(db)
    assert await CallRecords(db, lambda: NOON, spool=spool).resave() == 1
    record = await only(db)
    assert (record.started, record.ended, record.caller) == (NOON, at(30), NUMBER)


async def test_nothing_is_lost_while_the_database_stays_away(db: Database, tmp_path: Path) -> None:
    records = CallRecords(db, lambda: NOON, spool=tmp_path / "unsaved-calls")
    await hide_table(db)
    await records.save(journal())
    assert await records.resave() == 0
    await show_table(db)
    assert await records.resave() == 1


async def test_without_a_spool_a_failure_is_told(db: Database) -> None:
    await hide_table(db)
    with pytest.raises(StorageError, match="not been prepared"):
        await CallRecords(db, lambda: NOON).save(journal())


async def test_what_one_record_breaks_costs_no_other_call_its_own(db: Database) -> None:
    records = CallRecords(db, lambda: NOON)
    broken = journal("2.0-bb")
    broken.heard = [None]  # type: ignore[list-item]
    calls = [journal("1.0-aa"), broken, journal("3.0-cc")]
    async with asyncio.timeout(30):
        failures = await asyncio.gather(*map(records.save, calls), return_exceptions=True)
    assert [type(failure) for failure in failures] == [type(None), AttributeError, type(None)]
    async with db.reading() as session:
        kept = await session.scalars(select(CallRecord.call_id).order_by(CallRecord.call_id))
        assert list(kept) == ["1.0-aa", "3.0-cc"]


async def test_personal_data_goes_when_its_time_is_up(db: Database) -> None:
    records = CallRecords(db, lambda: NOON + timedelta(days=90, seconds=1), secret="s")
    await records.save(journal("1.0-aa"))
    await records.save(journal("1.1-bb", started=NOON + timedelta(days=1)))
    assert await records.purge(timedelta(days=90)) == 1
    assert await records.purge(timedelta(days=90)) == 0
    async with db.reading() as session:
        old, new = (await session.scalars(select(CallRecord).order_by(CallRecord.call_id))).all()
    assert (old.caller, old.caller_hash, old.heard, old.keys) == (None, None, None, None)
    assert (old.outcome, old.area_id) == ("served", 7)
    assert new.caller == NUMBER


async def test_containment_counts_those_who_needed_no_person(db: Database) -> None:
    records = CallRecords(db, lambda: NOON)
    outcomes = [Outcome.served, Outcome.served, Outcome.ticket, Outcome.transferred]
    for number, outcome in enumerate(outcomes):
        await records.save(journal(f"{number}", outcome))
    await records.save(journal("yesterday", Outcome.failed, NOON - timedelta(days=1)))
    tried_out = journal("played")
    tried_out.driver = "play"
    await records.save(tried_out)
    told = await records.containment(NOON)
    assert (told.calls, told.contained, told.first_answer_seconds) == (4, 0.75, 4.0)
    assert told.outcomes[Outcome.failed] == 0


async def test_an_empty_day_has_no_containment(db: Database) -> None:
    told = await CallRecords(db, lambda: NOON).containment(NOON)
    assert (told.calls, told.contained, told.first_answer_seconds) == (0, 0.0, None)


async def test_a_caller_is_remembered_without_the_number(db: Database, file: Path) -> None:
    memory = CallerMemory(db, "secret", lambda: NOON)
    assert await memory.area_of(NUMBER) is None
    await memory.remember(NUMBER, 7)
    await memory.remember(NUMBER, 8)
    assert await memory.area_of(NUMBER) == 8
    assert await memory.area_of("+905321234568") is None
    assert await CallerMemory(db, "another secret", lambda: NOON).area_of(NUMBER) is None
    await db.close()
    assert b"532" not in b"".join(path.read_bytes() for path in file.parent.glob("alo185.db*"))


def test_numbers_are_masked_to_their_last_two_digits() -> None:
    assert masked("+905321234567") == "…67"
    assert masked(None) == masked("") == masked("185") == "withheld"


async def hide_table(db: Database) -> None:
    await rename(db, "calls", "away")


async def show_table(db: Database) -> None:
    await rename(db, "away", "calls")


async def rename(db: Database, old: str, new: str) -> None:
    async with db.session() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        await session.commit()


async def test_a_caller_who_withdraws_is_forgotten_and_nobody_else(db: Database, tmp_path: Path) -> None:
    use_key("a key")
    memory, records = CallerMemory(db, "secret"), CallRecords(db, lambda: NOON, secret="secret")
    other = journal("2.0-bb")
    other.caller = "+905327654321"
    for made in (journal(), other):
        await records.save(made)
    await memory.remember(NUMBER, 7)
    await memory.remember("+905327654321", 8)
    assert (await memory.forget(NUMBER), await records.forget(NUMBER)) == (True, 1)
    assert (await memory.area_of(NUMBER), await memory.area_of("+905327654321")) == (None, 8)
    async with db.reading() as session:
        kept = {call.call_id: call for call in await session.scalars(select(CallRecord))}
    emptied = kept["1.0-aa"]
    assert (emptied.caller, emptied.caller_hash, emptied.heard, emptied.keys) == (None, None, None, None)
    assert emptied.outcome == "served"
    assert kept["2.0-bb"].caller == "+905327654321"
    assert (await memory.forget(NUMBER), await records.forget(NUMBER)) == (False, 0)


async def test_where_a_caller_gave_up_is_kept_without_what_was_personal(db: Database) -> None:
    records = CallRecords(db, lambda: NOON, secret="s")
    heard = {"menu": "menu.main.short", "digits": "number.5321234"}
    for call_id, key in heard.items():
        gave_up = journal(call_id, Outcome.gave_up)
        gave_up.heard = [Heard(at(0), "welcome.short", "Hoş geldiniz"), Heard(at(2), key, "…", True)]
        await records.save(gave_up)
    await records.save(journal("served"))
    async with db.reading() as session:
        found = dict((await session.execute(select(CallRecord.call_id, CallRecord.left_at))).all())
    assert found == {"menu": "menu.main", "digits": "number", "served": None}


async def test_whether_a_number_called_again_outlives_the_number(db: Database) -> None:
    """Within a day from call to call; reports of long ago are told from it."""
    records = CallRecords(db, lambda: NOON + timedelta(days=90, hours=12), secret="s")
    day = timedelta(days=1)
    for call_id, started in (("first", NOON), ("second", NOON + day), ("third", NOON + 2 * day + timedelta(minutes=1))):
        await records.save(journal(call_id, started=started))
    await records.purge(timedelta(days=90))  # the first; the second is younger
    async with db.reading() as session:
        found = dict((await session.execute(select(CallRecord.call_id, CallRecord.called_again))).all())
    assert found == {"first": True, "second": None, "third": None}
    assert await records.forget(NUMBER) == 2
    async with db.reading() as session:
        found = dict((await session.execute(select(CallRecord.call_id, CallRecord.called_again))).all())
    assert found == {"first": True, "second": False, "third": False}
