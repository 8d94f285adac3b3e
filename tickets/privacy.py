"""How citizens' numbers are compared and shown, and how what is personal in a ticket is forgotten."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from tickets.history import note_down
from tickets.life import State
from tickets.models import Ticket, TicketFile, TicketNote
from tickets.voices import Voices

AT_ONCE = 200
SHOWN = 2
PERSONAL = ("callback_number", "number_hash", "caller_name", "told", "address", "search_key", "fingerprint", "voice")
"""Columns of a ticket; the fingerprint too, since a number could be guessed from it."""


def pseudonym(number: str, secret: str) -> str:
    """Equal for equal numbers; without the secret, the number cannot be found from it by trying all numbers."""
    return hmac.new(secret.encode(), number.encode(), hashlib.sha256).hexdigest()


def masked(number: str | None) -> str | None:
    """The last two digits, for those who need not call."""
    return f"…{number[-SHOWN:]}" if number and len(number) > 2 * SHOWN else None


class Forgetting:
    """Removes who reported; what was reported, when and how it was solved stays."""

    def __init__(self, db: Database, now: Callable[[], datetime], voices: Voices) -> None:
        self._db, self._now, self._voices = db, now, voices

    async def purge(self, older_than: timedelta) -> int:
        """Tickets that have been closed for longer; how many there were."""
        old = (Ticket.state == State.closed, Ticket.closed < self._now() - older_than)
        return await self._forget_all("retention", *old)

    async def forget(self, number_hash: str) -> int:
        """All tickets of a number, open ones too: nobody can be called back for those any more."""
        return await self._forget_all("asked", Ticket.number_hash == number_hash)

    async def know_callers(self, secret: str) -> int:
        """Give tickets of earlier versions the pseudonym by which they are found; how many had none."""
        query = select(Ticket).where(Ticket.number_hash.is_(None), Ticket.callback_number.is_not(None)).limit(AT_ONCE)
        count = 0
        while True:
            async with self._db.session() as session:
                found = (await session.scalars(query.with_for_update(skip_locked=True))).all()
                for ticket in found:
                    ticket.number_hash = pseudonym(ticket.callback_number or "", secret)
                await session.commit()
            count += len(found)
            if len(found) < AT_ONCE:
                return count

    async def _forget_all(self, reason: str, *which: ColumnElement[bool]) -> int:
        query = select(Ticket).where(*which, Ticket.forgotten.is_(None)).order_by(Ticket.id).limit(AT_ONCE)
        count = 0
        while True:
            async with self._db.session() as session:
                found = (await session.scalars(query.with_for_update(skip_locked=True))).all()
                files = [name for ticket in found for name in await self._forget(session, ticket, reason)]
                await session.commit()
            for name in files:  # only now: a file without its row harms less than a row without its file
                await asyncio.to_thread(self._voices.discard, name)
            count += len(found)
            if len(found) < AT_ONCE:
                return count

    async def _forget(self, session: AsyncSession, ticket: Ticket, reason: str) -> Sequence[str]:
        attached = await session.scalars(select(TicketFile.stored).where(TicketFile.ticket_id == ticket.id))
        files = [*attached, *([ticket.voice] if ticket.voice else [])]
        for name in (
            "callback_number",
            "number_hash",
            "caller_name",
            "told",
            "address",
            "search_key",
            "fingerprint",
            "voice",
        ):
            setattr(ticket, name, None)
        await session.execute(delete(TicketNote).where(TicketNote.ticket_id == ticket.id))
        await session.execute(delete(TicketFile).where(TicketFile.ticket_id == ticket.id))
        ticket.forgotten = self._now()
        await note_down(session, ticket, self._now(), "system", "forgotten", reason=reason)
        return files
