"""Reports by telephone: committed before the number is spoken, one for a call and a category however often tried."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.errors import StorageError, advice
from tickets.errors import TicketNotSaved
from tickets.intake import Submission, take
from tickets.kinds import ON_THE_PHONE, Channel, Urgency
from tickets.privacy import pseudonym
from tickets.status import PhoneStatus, status_by_phone
from tickets.voices import Voices
from tickets.waking import wake


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
    def __init__(self, db: Database, folder: Path, now: Callable[[], datetime], secret: str | None = None) -> None:
        """`secret`: of callers' pseudonyms, by which their other tickets are found."""
        self._db = db
        self._voices = Voices(folder)
        self._now = now
        self._secret = secret

    async def open(self, report: Reported) -> str:
        """The number (`26-004217`) once row and voice message are safe; `TicketNotSaved` if nothing was committed.

        Who is to work on it is found afterwards by the watch: nothing but the report itself can be in the way.
        """
        try:
            voice = await asyncio.to_thread(self._voices.keep, report.voice)
            number = await self._commit(report, voice)
        except (StorageError, SQLAlchemyError, OSError) as error:
            raise TicketNotSaved(f"The ticket of call {report.call_id} was not saved: {error}") from error
        await asyncio.to_thread(self._voices.let_go, report.voice)
        return number

    async def state(self, number: str, caller: str | None) -> PhoneStatus | None:
        """Where a ticket is, for whoever typed its number; None without such a ticket. Raises `wait`."""
        known = pseudonym(caller, self._secret) if caller and self._secret else None
        try:
            async with self._db.session() as session:
                return await status_by_phone(session, self._now(), number, known)
        except (SQLAlchemyError, OSError) as error:
            raise advice("database_away") from error

    async def _commit(self, report: Reported, voice: str | None) -> str:
        needless = voice
        try:
            async with self._db.session() as session:
                taken = await take(
                    session, self._now(), _submission(report, voice), who="phone", secret=self._secret, same_words=False
                )
                if not taken.new:
                    return taken.ticket.number
                await wake(session)
                # a commit whose reply is lost may have been done: from here on the message must stay
                needless = None
                await session.commit()
                return taken.ticket.number
        finally:
            await asyncio.to_thread(self._voices.discard, needless)


def _submission(report: Reported, voice: str | None) -> Submission:
    category, urgency = ON_THE_PHONE[report.category]
    return Submission(
        Channel.phone,
        f"{report.call_id[:180]}:{report.category}",
        category,
        urgency or (Urgency.urgent if report.urgent else None),
        report.area_id,
        callback_number=report.callback_number,
        outage_id=report.outage_id,
        call_id=report.call_id,
        voice=voice,
    )
