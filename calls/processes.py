"""The live figures of several processes on one PostgreSQL: told to each other only while somebody watches."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from calls.agents_queue import QueueState, all_queues
from calls.lately import Lately
from calls.live import LiveCalls, shifted, total
from calls.models import LiveProcess, LiveWatch
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

TELL_EVERY = 1.0
LOOK_EVERY = 2.0
"""Seconds between two looks at whether anybody watches."""
WATCHED_FOR = timedelta(seconds=10)
DEAD_AFTER = timedelta(seconds=5)
REMOVED_AFTER = timedelta(hours=1)
_FAILURES = (StorageError, SQLAlchemyError, OSError)


class Figures(BaseModel):
    """What one process, or all of them, counts."""

    model_config = ConfigDict(frozen=True)

    calls: LiveCalls = LiveCalls()
    queue: QueueState = QueueState()
    processes: int = 1


class Processes:
    """This process and the others. On SQLite there are no others, and nothing is written."""

    def __init__(self, db: Database, now: Callable[[], datetime], mine: Callable[[], Figures]) -> None:
        self._db = db
        self._now = now
        self._mine = mine
        self._name = secrets.token_hex(8)
        self._shares = db.dialect == "postgresql"
        self._others = Lately(self._read_others, TELL_EVERY, clock=lambda: now().timestamp())
        self._watched_until: datetime | None = None

    async def figures(self) -> Figures:
        """Those of all living processes; of this one alone while the database is away. Whoever asks, watches."""
        parts = [self._mine()]
        if self._shares:
            try:
                await self._renew_watch()
                parts += await self._others.get()
            except _FAILURES as error:
                log.warning("other processes' calls are unknown for now: %s", error)
        return Figures(
            calls=total(part.calls for part in parts),
            queue=all_queues([part.queue for part in parts]),
            processes=len(parts),
        )

    async def share(self) -> None:
        """Tell the others, for as long as the process lives."""
        while self._shares:
            try:
                pause = await self.tell()
            except _FAILURES as error:
                log.debug("could not tell other processes: %s", error)
                pause = LOOK_EVERY
            await asyncio.sleep(pause)

    async def tell(self) -> float:
        """Write this process's figures if anybody watches; seconds until it is worth trying again."""
        now = self._now()
        async with self._db.reading() as session:
            until = await session.scalar(select(LiveWatch.until))
        if until is None or until <= now:
            return LOOK_EVERY
        told = {"at": now, "snapshot": self._mine().model_dump_json()}
        upsert = insert(LiveProcess).values(process=self._name, **told)
        async with self._db.session() as session:
            await session.execute(upsert.on_conflict_do_update(index_elements=["process"], set_=told))
            await session.execute(delete(LiveProcess).where(LiveProcess.at < now - REMOVED_AFTER))
            await session.commit()
        return TELL_EVERY

    async def leave(self) -> None:
        """Drop out at once rather than after some seconds."""
        if self._shares:
            try:
                async with self._db.session() as session:
                    await session.execute(delete(LiveProcess).where(LiveProcess.process == self._name))
                    await session.commit()
            except _FAILURES as error:
                log.debug("could not take leave: %s", error)

    async def _read_others(self) -> list[Figures]:
        now = self._now()
        living = select(LiveProcess).where(LiveProcess.process != self._name, LiveProcess.at > now - DEAD_AFTER)
        async with self._db.reading() as session:
            rows = (await session.scalars(living)).all()
        return [part for row in rows if (part := _read(row, now))]

    async def _renew_watch(self) -> None:
        now = self._now()
        if self._watched_until and self._watched_until - now > WATCHED_FOR / 2:
            return
        until = now + WATCHED_FOR
        upsert = insert(LiveWatch).values(id=1, until=until)
        async with self._db.session() as session:
            await session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_={"until": until}))
            await session.commit()
        self._watched_until = until


def _read(row: LiveProcess, now: datetime) -> Figures | None:
    """None for what another version of the program wrote differently."""
    try:
        told = Figures.model_validate_json(row.snapshot)
    except ValidationError:
        return None
    return told.model_copy(update={"calls": shifted(told.calls, row.at, now)})
