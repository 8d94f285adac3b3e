"""The way to the database: sessions for reading and for writing, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage.errors import CANNOT_CONNECT, StorageError, broken, cannot_connect
from storage.news import NewsFile

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_READING = "alo185_reading"
BUSY_SECONDS = 5.0


class Database:
    """One database. Its failures are raised as `StorageError`; what a statement did wrong passes as it is."""

    def __init__(self, url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        """`busy_seconds`: how long a writer on SQLite waits for another."""
        self.url = _checked(url)
        self.engine = _engine(self.url, busy_seconds)
        self.news = NewsFile(Path(self.url.database or "")) if self.dialect == "sqlite" else None
        reading = self.engine.execution_options(**{_READING: True})
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._readers = async_sessionmaker(reading, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """For writing. Nothing is kept unless `commit` is awaited; on SQLite one writer at a time."""
        async with _opened(self._writers) as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """For reading only: on SQLite it waits for no writer."""
        async with _opened(self._readers) as session:
            yield session

    async def migrate(self) -> None:
        """Bring the tables to this version, keeping what they hold."""
        from storage.migrate import upgrade  # here: Alembic takes 9 MB, and the service never migrates

        try:
            async with self.engine.connect() as connection:
                await connection.run_sync(upgrade)
                await connection.commit()
        except CANNOT_CONNECT as error:
            raise cannot_connect(error) from error

    async def check(self) -> None:
        """`StorageError` unless the tables are those of this version."""
        from storage.migrate import check  # see migrate

        async with self.reading() as session:
            await session.run_sync(lambda done: check(done.connection()))

    async def close(self) -> None:
        if self.news:
            self.news.close()
        await self.engine.dispose()


@asynccontextmanager
async def _opened(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        try:
            await session.connection()
        except CANNOT_CONNECT as error:
            raise cannot_connect(error) from error
        try:
            yield session
        except (DBAPIError, PoolTimeout) as error:
            clear = broken(error)
            if clear is None:
                raise
            raise clear from error


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.drivername]
        if not 0 < (parsed.port or 1) < 65536:
            raise ArgumentError("no such port")
    except (ArgumentError, KeyError, ValueError):
        raise StorageError(
            "bad_database_url",
            "ALO185_DATABASE_URL is not understood; write sqlite:////path/file.db or postgresql://user:password@host/name.",
        ) from None
    return parsed.set(drivername=driver)


def _engine(url: URL, busy_seconds: float) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        return create_async_engine(
            url,
            pool_pre_ping=True,
            connect_args={"timeout": 5, "command_timeout": 15, "server_settings": {"application_name": "alo185"}},
        )
    _make_private(Path(url.database or ""))
    engine = create_async_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_private(file: Path) -> None:
    """The database is readable by its owner only; a folder that cannot be made is told when it is opened."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError:
        return


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions itself, or DDL and reads escape them:
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except Exception:  # whatever it was, it is raised again: here it only matters that the driver's thread ends
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another wrote in between.
    reading = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
