"""Keeps what happened in every call: in the database, or on disk until the database is back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Executable, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from calls.again import keep_called_again
from calls.journal import TELEPHONES as TELEPHONES
from calls.journal import Journal, Outcome
from calls.models import CallRecord
from calls.privacy import pseudonym
from calls.rows import Row, row_of
from calls.spool import Spool
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

GATHERED_FOR = 2.0
"""Seconds between two writes: calls that end meanwhile share one transaction, which costs as much as a single one.

A process that is killed loses the records of the calls that ended since, besides those of the calls that it carried.
"""


@dataclass(frozen=True, slots=True)
class Containment:
    """How callers were served in a span of time."""

    outcomes: dict[Outcome, int]
    first_answer_seconds: float | None
    """Mean, over the calls that heard an answer."""

    @property
    def calls(self) -> int:
        return sum(self.outcomes.values())

    @property
    def contained(self) -> float:
        """Share of the calls that needed no person: served, or a ticket was opened."""
        kept = self.outcomes[Outcome.served] + self.outcomes[Outcome.ticket]
        return kept / self.calls if self.calls else 0.0


class CallRecords:
    """Journals of ended calls. With a `spool` file nothing is lost while the database is away."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        *,
        secret: str | None = None,
        spool: Path | None = None,
    ) -> None:
        self._db = db
        self._now = now
        self._secret = secret
        self._spool = Spool(spool, db.engine.dialect) if spool else None
        self._insertion = insertion(db)
        self._one_at_a_time = asyncio.Lock()
        self._waiting = spool is not None and spool.exists()
        self._ended: list[tuple[Journal, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def save(self, journal: Journal) -> None:
        """Keep one call; again is the same as once. Without a spool a failure is raised."""
        try:
            await self._gathered(journal)
        except (StorageError, SQLAlchemyError, OSError) as error:
            if self._spool is None:
                raise
            log.warning("the record of call %s waits on disk: %s", journal.call_id, error)
            async with self._one_at_a_time:
                await asyncio.to_thread(self._spool.add, row_of(journal, self._secret))
                self._waiting = True
        else:
            if self._waiting:
                await self.resave()

    async def resave(self) -> int:
        """Move what waits on disk into the database, as far as it goes; how many were moved."""
        if self._spool is None:
            return 0
        async with self._one_at_a_time:
            rows = await asyncio.to_thread(self._spool.read)
            left = await self._insert_all(rows)
            await asyncio.to_thread(self._spool.keep, left)
            self._waiting = bool(left)
        return len(rows) - len(left)

    async def purge(self, older_than: timedelta) -> int:
        """Remove what is personal from calls that started longer ago; how many had any."""
        return await self._empty(CallRecord.started < self._now() - older_than)

    async def forget(self, number: str) -> int:
        """Remove what is personal from all calls of a number; how many there were."""
        await self.resave()
        return await self._empty(CallRecord.caller_hash == pseudonym(number, self._secret)) if self._secret else 0

    async def _empty(self, which: ColumnElement[bool]) -> int:
        personal = (CallRecord.caller, CallRecord.caller_hash, CallRecord.heard, CallRecord.keys)
        statement = (
            update(CallRecord)
            .where(which, or_(*(column.is_not(None) for column in personal)))
            .values({column.key: None for column in personal})
            .returning(CallRecord.id)
        )
        async with self._db.session() as session:
            await session.execute(keep_called_again(which))
            emptied = (await session.scalars(statement)).all()
            await session.commit()
        return len(emptied)

    async def containment(self, since: datetime) -> Containment:
        real = (CallRecord.started >= since, CallRecord.driver.in_(TELEPHONES))
        counted = select(CallRecord.outcome, func.count()).where(*real).group_by(CallRecord.outcome)
        answered = select(func.avg(CallRecord.first_answer_seconds)).where(*real)
        async with self._db.reading() as session:
            counts = {Outcome(outcome): count for outcome, count in await session.execute(counted)}
            mean = await session.scalar(answered)
        return Containment({outcome: counts.get(outcome, 0) for outcome in Outcome}, mean)

    async def _gathered(self, journal: Journal) -> None:
        """Insert a row together with those of other calls that ended at about the same time.

        It is made only then, too: done for many calls in a row, it costs each of them a fraction.
        """
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((journal, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        while self._ended:
            ended, self._ended = self._ended, []
            together = await self._failure(*(journal for journal, _ in ended))
            for journal, stored in ended:
                # what one call's record breaks must not cost the others theirs
                failure = await self._failure(journal) if together else None
                if failure and not stored.done():
                    stored.set_exception(failure)
                elif not stored.done():
                    stored.set_result(None)
            await asyncio.sleep(GATHERED_FOR)

    async def _failure(self, *journals: Journal) -> BaseException | None:
        """Store all of them or none; why it could not be done."""
        [failure] = await asyncio.gather(self._store(journals), return_exceptions=True)
        return failure

    async def _store(self, journals: Sequence[Journal]) -> None:
        await self._insert([row_of(journal, self._secret) for journal in journals])

    async def _insert_all(self, rows: list[Row]) -> list[Row]:
        """What could not be inserted."""
        left: list[Row] = []
        for index, row in enumerate(rows):
            try:
                await self._insert([row])
            except (StorageError, OSError) as error:
                log.warning("%d records of calls go on waiting on disk: %s", len(rows) - index, error)
                return left + rows[index:]
            except SQLAlchemyError:
                log.exception("the record of call %s cannot be stored", row["call_id"])
                left.append(row)
        return left

    async def _insert(self, rows: list[Row]) -> None:
        async with self._db.session() as session:
            await session.execute(self._insertion, rows)
            await session.commit()


def insertion(db: Database) -> Executable:
    """Inserts what is not there yet. Into the table, not the model: the ORM would make an object of every row first."""
    table = CallRecord.metadata.tables[CallRecord.__tablename__]
    if db.dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=["call_id"])
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=["call_id"])
