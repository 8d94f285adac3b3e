"""Nothing that was committed is lost or misread, and what is wrong with a database is said in one sentence."""

import asyncio
import importlib
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialects
from sqlalchemy.exc import IntegrityError, StatementError

from outages.models import Area
from people.models import ApiKey
from people.roles import Scope
from storage.base import Base
from storage.database import Database
from storage.errors import StorageError
from storage.migrate import FOLDER, upgrade
from storage.notices import POLL_POSTGRESQL, Notices, tell
from storage.types import Protected, UtcDateTime, use_key
from tests.clusters import Cluster, new_cluster

ISTANBUL = timezone(timedelta(hours=3))
ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=ISTANBUL)


def api_key(name: str = "one", created: datetime = NOW) -> ApiKey:
    return ApiKey(name=name, sha256=name, created=created, scopes=[])


async def test_times_come_back_in_utc(db: Database) -> None:
    async with db.session() as session:
        session.add(api_key())
        await session.commit()
    async with db.reading() as session:
        created = (await session.scalars(select(ApiKey.created))).one()
    assert created == NOW
    assert created.utcoffset() == timedelta(0)


async def test_a_time_without_zone_is_refused(db: Database) -> None:
    async with db.session() as session:
        session.add(api_key(created=datetime(2026, 11, 25, 9)))  # noqa: DTZ001
        with pytest.raises(StatementError, match="no time zone"):
            await session.commit()


async def test_what_is_not_committed_is_not_kept(db: Database) -> None:
    async with db.session() as session:
        session.add(api_key())
        await session.flush()
    async with db.reading() as session:
        assert (await session.scalars(select(ApiKey))).all() == []


async def test_writers_at_once_all_get_through(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.session() as session:
            await session.scalars(select(ApiKey))
            session.add(api_key(f"key {number}"))
            await session.commit()

    await asyncio.gather(*(write(number) for number in range(20)))
    async with db.reading() as session:
        assert len((await session.scalars(select(ApiKey))).all()) == 20


async def test_a_statements_own_fault_is_not_called_the_databases(db: Database) -> None:
    async with db.session() as session:
        session.add_all([api_key("same"), api_key("same")])
        with pytest.raises(IntegrityError):
            await session.commit()


async def test_rows_that_do_not_exist_cannot_be_pointed_at(db: Database) -> None:
    async with db.session() as session:
        session.add(
            Area(kind="neighbourhood", name="x", spoken="x", search_key="x", keypad="9", number=1, district_id=7)
        )
        with pytest.raises(IntegrityError):
            await session.commit()


async def test_migrated_tables_are_those_of_the_models(db: Database) -> None:
    rooms = "people outages calls tickets outbox city notices dialling subscribers reports agents"
    for domain in rooms.split():
        with suppress(ModuleNotFoundError):
            importlib.import_module(f"{domain}.models")
    for more in ("tickets.unit_models", "outbox.mail_models"):
        importlib.import_module(more)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": db.dialect == "postgresql"})
        return list(compare_metadata(context, Base.metadata))

    async with db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_migrations_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert len([script for script in scripts if script.is_head]) == 1
    assert not any(script.is_branch_point or script.is_merge_point for script in scripts)


async def test_migrating_again_keeps_what_is_there(db: Database) -> None:
    async with db.session() as session:
        session.add(api_key())
        await session.commit()
    await db.migrate()
    async with db.reading() as session:
        assert (await session.scalars(select(ApiKey.name))).all() == ["one"]


async def test_an_older_database_keeps_its_rows_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    async with db.engine.connect() as connection:
        await connection.run_sync(lambda sync: upgrade(sync, "0001"))
        old = "INSERT INTO api_keys (name, sha256, created) VALUES ('from before', 'x', '2026-11-25 09:00:00.000000')"
        await connection.exec_driver_sql(old)
        await connection.commit()
    await db.migrate()
    async with db.reading() as session:
        key = (await session.scalars(select(ApiKey))).one()
    assert (key.name, key.made_by) == ("from before", "installation")
    assert key.scopes == [scope for scope in Scope if scope is not Scope.tickets]  # what it could always do, no more
    await db.close()


async def test_replicas_that_start_at_once_migrate_once(postgresql: Cluster) -> None:
    await postgresql.run("CREATE DATABASE replicas")
    program = "import asyncio, sys; from storage.database import Database; asyncio.run(Database(sys.argv[1]).migrate())"
    starts = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, postgresql.url("replicas"), cwd=ROOT)
        for _ in range(2)
    ]
    assert [await start.wait() for start in starts] == [0, 0]


async def test_a_newer_database_is_refused_and_left_alone(db: Database) -> None:
    async with db.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await session.commit()
    with pytest.raises(StorageError, match="newer version of Alo 185") as refused:
        await db.migrate()
    assert refused.value.code == "database_newer"
    async with db.reading() as session:
        assert (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar() == "9999"


async def test_a_database_that_was_never_prepared_says_so(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StorageError, match=r"\./alo185 run") as refused:
        async with db.reading() as session:
            await session.scalars(select(ApiKey))
    assert refused.value.code == "database_not_prepared"
    await db.close()


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "alo185.db"
    file.write_bytes(b"This is a letter to the mayor. " * 100)
    db = Database(f"sqlite:///{file}")
    with pytest.raises(StorageError) as refused:
        await db.migrate()
    assert refused.value.code == "database_corrupt"
    assert file.read_bytes().startswith(b"This is a letter")
    await db.close()


async def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    db = Database(f"sqlite:///{tmp_path / 'file' / 'alo185.db'}")
    with pytest.raises(StorageError) as refused:
        await db.migrate()
    assert refused.value.code == "database_unreadable"
    await db.close()


async def test_a_locked_database_says_so_and_can_still_be_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alo185.db'}"
    holder, other = Database(url), Database(url, busy_seconds=0.05)
    await holder.migrate()
    async with holder.session():
        async with other.reading() as session:
            assert (await session.scalars(select(ApiKey))).all() == []
        with pytest.raises(StorageError) as refused:
            async with other.session():
                pass
    assert refused.value.code == "database_locked"
    await holder.close()
    await other.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql", "", "file.db"])
def test_an_address_that_is_not_understood_says_what_to_write(url: str) -> None:
    with pytest.raises(StorageError, match="ALO185_DATABASE_URL") as refused:
        Database(url)
    assert refused.value.code == "bad_database_url"


async def test_a_server_that_is_not_there_or_goes_away_says_so(tmp_path: Path) -> None:
    cluster = new_cluster()
    try:
        db = Database(cluster.url("postgres"))
        await db.migrate()
        with pytest.raises(StorageError) as lost:
            await _stop_under(db, cluster)
        assert lost.value.code == "database_away"
        with pytest.raises(StorageError) as refused:
            async with db.session():
                pass
        assert refused.value.code == "database_away"
        cluster.start()
        async with db.reading() as session:
            assert (await session.scalars(select(ApiKey))).all() == []
        await db.close()
    finally:
        cluster.remove()


async def _stop_under(db: Database, cluster: Cluster) -> None:
    async with db.session() as session:
        cluster.stop()
        await session.scalars(select(ApiKey))


def test_a_database_file_is_its_owners_only(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'alo185.db'}")
    assert (tmp_path / "alo185.db").stat().st_mode & 0o077 == 0


def test_protected_text_is_unreadable_without_the_key(key: None) -> None:
    dialect = sqlite_dialects.dialect()
    stored = Protected().process_bind_param("+905321234567", dialect)
    assert stored is not None
    assert "532" not in stored
    assert Protected().process_result_value(stored, dialect) == "+905321234567"
    use_key("another secret of high entropy")
    with pytest.raises(StorageError) as refused:
        Protected().process_result_value(stored, dialect)
    assert refused.value.code == "wrong_key"


def test_protected_data_of_earlier_versions_stays_readable() -> None:
    use_key("a secret of high entropy")
    by_fernet = "gAAAAABrB0auOzhf6VPdw3AfJsbsycOMFFSwu6yPo-MD20kz0zSwcRMqZkAYWgIF2bDX7iVBvFij9aG-35Jm6oPHCb-TARImqA=="
    assert Protected().process_result_value(by_fernet, postgresql.dialect()) == "+905321234567"


@pytest.mark.parametrize("damaged", ["g1:", "g1:%%%", "g1:AAAA", "gAAAA", "", "x"])
def test_damaged_protected_data_is_told_as_such(key: None, damaged: str) -> None:
    with pytest.raises(StorageError) as refused:
        Protected().process_result_value(damaged, postgresql.dialect())
    assert refused.value.code == "wrong_key"


def test_nothing_stays_nothing(key: None) -> None:
    dialect = postgresql.dialect()
    assert Protected().process_bind_param(None, dialect) is None
    assert Protected().process_result_value(None, dialect) is None
    assert UtcDateTime().process_bind_param(None, dialect) is None
    assert UtcDateTime().process_result_value(datetime(2026, 1, 1, tzinfo=ISTANBUL), dialect) == datetime(
        2025, 12, 31, 21, tzinfo=UTC
    )


async def test_a_notice_wakes_at_once_and_again_after_the_connection_was_lost(postgresql: Cluster) -> None:
    db = Database(postgresql.url("migrated_for_notices"))
    await postgresql.run("CREATE DATABASE migrated_for_notices")
    async with Notices(db, "alo185_test") as notices:
        await notices.next(0.0)  # listening began
        await _notify(db)
        assert await _hears(notices)
        listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = 'migrated_for_notices'"
        await postgresql.run(f"SELECT pg_terminate_backend(pid) {listening}")
        assert await _hears(notices)  # something may have been missed
        for _ in range(2):
            await notices.next(0.1)  # listening began anew
        await _notify(db)
        assert await _hears(notices)
    await db.close()


async def _notify(db: Database) -> None:
    async with db.session() as session:
        await session.execute(text("SELECT pg_notify('alo185_test', '')"))
        await session.commit()


async def _hears(notices: Notices, at_most: float = POLL_POSTGRESQL) -> bool:
    """Whether it was news that ended the waiting, and not its limit in seconds."""
    began = time.monotonic()
    await notices.next(at_most)
    return time.monotonic() - began < at_most * 0.8


async def test_news_in_a_sqlite_file_is_heard_and_other_commits_are_not(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'news.db'}")
    async with Notices(db, "alo185_test") as notices:
        assert await _hears(notices)  # what was committed before it was listened to
        other = asyncio.create_task(_commit(db, "CREATE TABLE calls (id INTEGER)"))
        assert not await _hears(notices, at_most=0.7)
        await other
        for _ in range(2):
            await _tell(db)
            assert await _hears(notices)
        (tmp_path / "news.db").rename(tmp_path / "gone.db")
        assert await _hears(notices)
    await db.close()


async def _tell(db: Database) -> None:
    async with db.session() as session:
        await tell(session, "alo185_test")
        await session.commit()


async def _commit(db: Database, statement: str) -> None:
    async with db.session() as session:
        await session.execute(text(statement))
        await session.commit()
