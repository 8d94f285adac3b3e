"""Subscribers out of another database, read only and row by row."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from outages.tables import MOST_CELL, Record, column_key
from storage.errors import CANNOT_CONNECT
from subscribers.errors import SubscriberError

QUERY = "SELECT * FROM alo185_subscribers ORDER BY number"
"""Of the view that docs/subscribers.md describes."""
AT_ONCE = 500
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class OtherDatabase:
    """The utility's own. `password` is better not in the address, which others see in the list of processes."""

    def __init__(self, url: str, query: str = QUERY, password: str | None = None) -> None:
        self._url = _checked(url, password)
        self._query = query.strip().rstrip(";")

    @property
    def name(self) -> str:
        return self._url.render_as_string(hide_password=True)

    @property
    def digest(self) -> str:
        """Of where and what is asked; that the rows are the same the import finds out itself."""
        return hashlib.sha256(f"{self.name}\n{self._query}".encode()).hexdigest()

    async def records(self) -> AsyncIterator[Record]:
        """Rows in the order of the query. Raises `database_refused`."""
        try:
            async with self._reading() as connection:
                result = await connection.stream(text(self._query), execution_options={"yield_per": AT_ONCE})
                columns = {column_key(name): name for name in tuple(result.keys())}
                line = 0
                async for row in result:
                    line += 1
                    values = {key: _value(value) for key, value in zip(columns, row, strict=False)}
                    yield Record(line, {key: value for key, value in values.items() if value is not None}, columns)
        except (SQLAlchemyError, *CANNOT_CONNECT, ModuleNotFoundError) as error:
            raise _refused(error) from error

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that the other database itself holds to reading, where it can."""
        engine = create_async_engine(self._url, poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                if engine.dialect.name == "postgresql":
                    await connection.execution_options(postgresql_readonly=True)
                elif engine.dialect.name == "sqlite":
                    await connection.exec_driver_sql("PRAGMA query_only = ON")
                yield connection
        finally:
            await engine.dispose()


def _checked(url: str, password: str | None) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SubscriberError(
            "The address of the database is not understood; write postgresql://user@host/name.",
            "bad_database_url",
            "Veritabanı adresi anlaşılamadı; postgresql://kullanıcı@sunucu/ad gibi yazın.",
        ) from None
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    return parsed.set(password=password) if password else parsed


def _value(value: Any) -> Any:
    """As a spreadsheet's cell would be: no control characters, no blanks around, nothing that is empty."""
    if isinstance(value, str):
        clean = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        return clean[:MOST_CELL] or None
    return value


def _refused(error: Exception) -> SubscriberError:
    if isinstance(error, ModuleNotFoundError):
        return SubscriberError(
            f"This kind of database needs the Python package {error.name}: install it, or export a CSV.",
            "database_refused",
        )
    told = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
    return SubscriberError(f"The database cannot be read: {told}", "database_refused")
