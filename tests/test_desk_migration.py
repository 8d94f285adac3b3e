"""Outages of an earlier version keep all they said, and say what the desk wants to know of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from outages.models import BoardState, Outage
from outages.repository import revisions
from storage.database import Database
from storage.migrate import upgrade
from tests.clusters import Cluster

_STEPS = ((1, 7, "ayse", "created"), (2, 8, "mehmet", "changed"), (3, 9, "system", "started"))
OLD = (
    "INSERT INTO outages (id, kind, cause, life, starts, source, revision)"
    " VALUES (1, 'fault', 'other', 'active', '2026-11-25 08:00:00.000000', 'operator', 3)",
    *(
        "INSERT INTO outage_revisions (outage_id, number, at, who, what, changes)"
        f" VALUES (1, {number}, '2026-11-25 0{hour}:00:00.000000', '{who}', '{what}', '{{}}')"
        for number, hour, who, what in (
            (1, 7, "ayse", "created"),
            (2, 8, "mehmet", "changed"),
            (3, 9, "system", "started"),
        )
    ),
    "UPDATE board_state SET mass_call = true",
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the version before the desk."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        await cluster.run("CREATE DATABASE before_the_desk")
        url = cluster.url("before_the_desk")
    db = Database(url)
    async with db.engine.connect() as connection:
        await connection.run_sync(lambda sync: upgrade(sync, "0004"))
        for statement in OLD:
            await connection.exec_driver_sql(statement)
        await connection.commit()
    yield db
    await db.close()
    if request.param == "postgresql":
        await cluster.run("DROP DATABASE before_the_desk WITH (FORCE)")


async def test_older_outages_tell_their_last_update_and_their_last_editor(old: Database) -> None:
    await old.migrate()
    async with old.reading() as session:
        outage = (await session.scalars(select(Outage))).one()
        history = await revisions(session, 1)
    assert (outage.updated, outage.edited_by) == (datetime(2026, 11, 25, 9, tzinfo=UTC), "mehmet")
    assert [(r.reason, r.on_behalf_of) for r in history] == [(None, None)] * 3


async def test_a_mass_call_switch_that_was_left_on_gets_an_end(old: Database) -> None:
    await old.migrate()
    async with old.reading() as session:
        state = (await session.scalars(select(BoardState))).one()
    assert state.mass_call
    assert state.mass_call_until
    assert timedelta(hours=23) < state.mass_call_until - datetime.now(UTC) <= timedelta(hours=24)
