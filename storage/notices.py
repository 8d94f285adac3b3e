"""Hearing of other processes' commits."""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage.database import Database
from storage.errors import CANNOT_CONNECT

log = logging.getLogger(__name__)

POLL_POSTGRESQL, POLL_SQLITE = 5.0, 60.0
"""Only a safety net: below LISTEN, whose connection may die unnoticed, and below a file's counter, which cannot."""
MOST_NEWS = 0x7FFFFFFF
"""Of what SQLite keeps in 32 bits with a sign."""
POLL_DEAF = 0.5
"""Seconds between two tries to listen."""


async def tell(session: AsyncSession, channel: str) -> None:
    """Wake whoever waits on the channel, in every process, once this is committed. SQLite has one channel for all."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})
        return
    count = (await session.execute(text("PRAGMA user_version"))).scalar_one()
    await session.execute(text(f"PRAGMA user_version = {(count + 1) & MOST_NEWS}"))


class Notices:
    """On PostgreSQL wakes at a NOTIFY on the channel and listens anew after a lost connection.

    On SQLite they wake when the counter in its file has changed (`storage.news`).
    """

    def __init__(self, db: Database, channel: str, heard: Callable[[str], None] | None = None) -> None:
        """`heard`: told what each NOTIFY says, where it says anything."""
        self._db = db
        self._channel = channel
        self._heard = heard
        self._news = asyncio.Event()
        self._connection: AsyncConnection | None = None
        self._listening = False
        self._number = 0
        """Of SQLite's latest news."""

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def next(self, at_most: float) -> None:
        """Return when something may have changed, and after `at_most` seconds in any case."""
        if file := self._db.news:
            self._number = await file.after(self._number, min(at_most, POLL_SQLITE))
            return
        await self._listen()
        try:
            async with asyncio.timeout(min(at_most, POLL_POSTGRESQL if self._listening else POLL_DEAF)):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _listen(self) -> None:
        if self._db.news or self._listening:
            return
        await self._drop()
        try:
            self._connection = await self._db.engine.connect()
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            await driver.add_listener(self._channel, self._notified)
            driver.add_termination_listener(self._lost)
        except CANNOT_CONNECT as error:
            log.debug("cannot listen for changes: %s", error)
            return
        self._listening = True
        self._news.set()  # whatever was committed while nobody listened

    def _notified(self, _connection: object, _pid: object, _channel: object, said: object) -> None:
        self._news.set()
        if said and self._heard:
            self._heard(str(said))

    def _lost(self, *_: object) -> None:
        self._listening = False
        self._news.set()

    async def _drop(self) -> None:
        connection, self._connection, self._listening = self._connection, None, False
        if connection is None:
            return
        try:
            await connection.invalidate()  # a pooled connection must not go on listening
            await connection.close()
        except (SQLAlchemyError, OSError) as error:
            log.debug("closing a listening connection: %s", error)
