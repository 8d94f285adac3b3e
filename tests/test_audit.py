"""The audit log: whoever changes, removes, puts in or moves an entry is found out."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from people import audit
from people.audit import Verdict, record, use_secret, verify
from people.models import AuditEntry
from storage.database import Database
from tests.outage_world import START, Clock
from tests.people_world import tamper


@pytest.fixture
def anchor(db: Database, tmp_path: Path) -> Path:
    file = tmp_path / "state" / "anchor.json"
    use_secret("the audit log's key in tests", file)
    return file


async def note(db: Database, subject: str, **detail: object) -> None:
    async with db.session() as session:
        await record(session, Clock(), "ayse", "outage_changed", subject, **detail)
        await session.commit()


async def verdict(db: Database) -> Verdict:
    async with db.reading() as session:
        return await verify(session)


def anchored(anchor: Path) -> int:
    return int(json.loads(anchor.read_text())["entries"])


def damaged(anchor: Path, damage: str | None) -> None:
    if damage is None:
        anchor.unlink()
    else:
        anchor.write_text(damage)


async def test_what_was_done_is_chained_and_found(db: Database, anchor: Path) -> None:
    for number in range(3):
        await note(db, f"outage:{number}", expected_end=[None, START], reason="Şebeke \u0000 arızası")
    told = await verdict(db)
    assert (told.ok, told.entries, told.since) == (True, 3, 1)
    async with db.reading() as session:
        found = await audit.entries(session, subject="outage:1")
        assert [entry.id for entry in await audit.entries(session, who="ayse", before=3, limit=1)] == [2]
    assert [(entry.id, entry.who, entry.at) for entry in found] == [(2, "ayse", START)]
    assert found[0].detail == {"expected_end": [None, str(START)], "reason": "Şebeke \u0000 arızası"}


async def test_what_was_not_committed_was_not_done(db: Database, anchor: Path) -> None:
    async with db.session() as session:
        await record(session, Clock(), "ayse", "outage_changed", "outage:1")
        await session.rollback()
        await record(session, Clock(), "ayse", "outage_changed", "outage:2")
        await session.commit()
    async with db.reading() as session:
        assert [entry.subject for entry in await audit.entries(session)] == ["outage:2"]
    assert (await verdict(db)).ok


async def test_many_writers_at_once_make_one_chain(db: Database, anchor: Path) -> None:
    await asyncio.gather(*(note(db, f"outage:{number}") for number in range(30)))
    told = await verdict(db)
    assert (told.ok, told.entries) == (True, 30)
    assert anchored(anchor) == 30


async def test_the_database_refuses_to_change_or_remove(db: Database) -> None:
    await note(db, "outage:1")
    statements = ["UPDATE audit_log SET who = 'ali'", "DELETE FROM audit_log"]
    statements += ["TRUNCATE audit_log"] if db.dialect == "postgresql" else []
    for statement in statements:
        async with db.session() as session:
            with pytest.raises(DBAPIError, match="append-only"):
                await session.execute(text(statement))
    assert (await verdict(db)).entries == 1


INSERT = (
    "INSERT INTO audit_log (id, at, who, what, subject, detail, previous, digest) "
    "SELECT {id}, at, 'ali', what, subject, detail, previous, digest FROM audit_log WHERE id = 3"
)


@pytest.mark.parametrize(
    ("statements", "entry"),
    [
        (["UPDATE audit_log SET who = 'ali' WHERE id = 2"], 2),
        (["UPDATE audit_log SET subject = 'outage:9' WHERE id = 2"], 2),
        (['UPDATE audit_log SET detail = \'{"reason": "y"}\' WHERE id = 2'], 2),
        (["UPDATE audit_log SET at = '2026-11-24 09:00:00.000000' WHERE id = 2"], 2),
        (["UPDATE audit_log SET digest = previous WHERE id = 3"], 3),
        (["DELETE FROM audit_log WHERE id = 1"], 1),
        (["DELETE FROM audit_log WHERE id = 3"], 3),
        (["DELETE FROM audit_log WHERE id = 2", "UPDATE audit_log SET id = id - 1 WHERE id > 2"], 2),
        (
            [
                "UPDATE audit_log SET id = 99 WHERE id = 2",
                "UPDATE audit_log SET id = 2 WHERE id = 3",
                "UPDATE audit_log SET id = 3 WHERE id = 99",
            ],
            2,
        ),
        (["DELETE FROM audit_log WHERE id > 3"], 4),
        (["DELETE FROM audit_log"], 1),
        ([INSERT.format(id=6)], 6),
        ([INSERT.format(id=0)], 0),
        ([INSERT.format(id=8)], 6),
    ],
)
async def test_tampering_is_found_and_says_where(db: Database, anchor: Path, statements: list[str], entry: int) -> None:
    for number in range(5):
        await note(db, f"outage:{number}", reason="x")
    await tamper(db, *statements)
    told = await verdict(db)
    assert (told.ok, told.entry) == (False, entry), told
    assert told.problem


async def test_a_genuine_entry_of_another_past_is_found(db: Database) -> None:
    """As from a backup: number and digest are right, only what came before was different."""
    for number in range(3):
        await note(db, f"outage:{number}")
    await tamper(
        db,
        "CREATE TABLE backup AS SELECT * FROM audit_log WHERE id = 3",
        "DELETE FROM audit_log WHERE id > 1",
    )
    for number in range(2):
        await note(db, f"outage:{number + 7}")
    assert (await verdict(db)).ok
    await tamper(db, "DELETE FROM audit_log WHERE id = 3", "INSERT INTO audit_log SELECT * FROM backup")
    assert (await verdict(db)).entry == 3


async def test_what_cannot_be_read_any_more_is_tampering(db: Database, anchor: Path) -> None:
    await note(db, "outage:1", reason="x")
    await note(db, "outage:2", reason="x")
    broken = "detail = '{'" if db.dialect == "sqlite" else "detail = 'null'"  # PostgreSQL keeps JSON to JSON
    await tamper(db, f"UPDATE audit_log SET {broken} WHERE id = 2")
    assert (await verdict(db)).entry == 2


async def test_a_log_that_was_written_anew_with_another_key(db: Database, anchor: Path) -> None:
    await note(db, "outage:1")
    use_secret("the key of somebody else", anchor)
    assert (await verdict(db)).entry == 1


async def test_a_log_that_was_written_anew_with_our_own_key(db: Database, anchor: Path) -> None:
    await note(db, "outage:1")
    await tamper(db, "DELETE FROM audit_log")
    use_secret("the audit log's key in tests", None)
    await note(db, "outage:2")
    use_secret("the audit log's key in tests", anchor)
    told = await verdict(db)
    assert (told.ok, told.entry) == (False, 1)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"entries": "x", "digest": 1, "since": 2}', None])
async def test_a_missing_anchor_is_told_and_begun_anew_visibly(db: Database, anchor: Path, damage: str | None) -> None:
    assert (await verdict(db)).ok
    await note(db, "outage:1")
    await note(db, "outage:2")
    damaged(anchor, damage)
    told = await verdict(db)
    assert (told.ok, told.entry) == (False, None)
    assert str(anchor) in str(told.problem)
    await note(db, "outage:3")
    assert ((await verdict(db)).ok, (await verdict(db)).since) == (True, 3)


async def test_an_anchor_that_lags_behind_is_no_tampering(db: Database, anchor: Path) -> None:
    await note(db, "outage:1")
    use_secret("the audit log's key in tests", None)  # the power failed between commit and anchor
    await note(db, "outage:2")
    use_secret("the audit log's key in tests", anchor)
    assert (await verdict(db)).ok


async def test_an_anchor_that_cannot_be_written_stops_nobody(db: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    use_secret("the audit log's key in tests", tmp_path / "file" / "anchor.json")
    await note(db, "outage:1")
    async with db.reading() as session:
        assert len((await session.scalars(select(AuditEntry.id))).all()) == 1


async def test_callers_numbers_are_not_kept(db: Database) -> None:
    reason = f"0532 123 45 67 (0262) 317-3000 5321234567 aradı, 12.000 abone, 2026-11-25 09:00, {START.isoformat()}"
    await note(db, "call from +90 532 123 45 67", reason=reason)
    async with db.reading() as session:
        entry = (await audit.entries(session))[0]
    assert entry.subject == "call from …67"
    assert entry.detail == {"reason": f"…67 …00 …67 aradı, 12.000 abone, 2026-11-25 09:00, {START.isoformat()}"}
