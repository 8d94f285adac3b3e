"""Opening tickets: committed before the number is spoken, one for a call and a category however often it is tried."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from storage.errors import StorageError
from tickets.errors import TicketNotSaved
from tickets.models import Ticket, TicketYear
from tickets.voices import Voices


class Reported(Protocol):
    """What a ticket is made of; see `callflows.desk.Report`."""

    @property
    def call_id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def urgent(self) -> bool: ...
    @property
    def area_id(self) -> int | None: ...
    @property
    def callback_number(self) -> str | None: ...
    @property
    def voice(self) -> Path | None: ...
    @property
    def outage_id(self) -> int | None: ...


class TicketService:
    def __init__(self, db: Database, folder: Path, now: Callable[[], datetime]) -> None:
        self._db = db
        self._voices = Voices(folder)
        self._now = now

    async def open(self, report: Reported) -> str:
        """The number (`26-004217`) once row and voice message are safe; `TicketNotSaved` if nothing was committed."""
        try:
            voice = await asyncio.to_thread(self._voices.keep, report.voice)
            number = await self._commit(report, voice)
        except (StorageError, SQLAlchemyError, OSError) as error:
            raise TicketNotSaved(f"The ticket of call {report.call_id} was not saved: {error}") from error
        await asyncio.to_thread(self._voices.let_go, report.voice)
        return number

    async def _commit(self, report: Reported, voice: str | None) -> str:
        needless = voice
        try:
            async with self._db.session() as session:
                now = self._now()
                number = await _next_number(session, now.year % 100)
                opened: str | None = await session.scalar(_of_call(report))
                if opened is not None:
                    return opened
                session.add(_ticket(report, number, voice, now))
                await session.flush()
                # a commit whose reply is lost may have been done: from here on the message must stay
                needless = None
                await session.commit()
                return number
        finally:
            await asyncio.to_thread(self._voices.discard, needless)


async def _next_number(session: AsyncSession, year: int) -> str:
    """Holds the year's row until the transaction ends: openings queue up, and one that fails leaves no gap."""
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    await session.execute(upsert(TicketYear).values(year=year, last=0).on_conflict_do_nothing())
    next_one = update(TicketYear).where(TicketYear.year == year).values(last=TicketYear.last + 1)
    last = await session.scalar(next_one.returning(TicketYear.last))
    return f"{year:02}-{last:06}"


def _of_call(report: Reported) -> Select[Any]:
    return select(Ticket.number).where(Ticket.call_id == report.call_id, Ticket.category == report.category)


def _ticket(report: Reported, number: str, voice: str | None, now: datetime) -> Ticket:
    return Ticket(
        number=number,
        call_id=report.call_id,
        category=report.category,
        urgent=report.urgent,
        area_id=report.area_id,
        outage_id=report.outage_id,
        callback_number=report.callback_number,
        voice=voice,
        opened=now,
    )
