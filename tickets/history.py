"""The one place through which everything that happens to a ticket is written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.errors import TicketError
from tickets.life import State
from tickets.models import Ticket, TicketEvent, TicketNote

LONGEST_NOTE = 2000


async def note_down(
    session: AsyncSession,
    ticket: Ticket,
    at: datetime,
    who: str,
    what: str,
    *,
    after: State | None = None,
    reason: str | None = None,
    note: str | None = None,
    **detail: Any,
) -> TicketEvent:
    """Append to the history; with `after`, the ticket is in that state from now on. Whoever calls holds its row."""
    await session.flush()
    last = await session.scalar(select(func.max(TicketEvent.number)).where(TicketEvent.ticket_id == ticket.id))
    event = TicketEvent(
        ticket_id=ticket.id,
        number=(last or 0) + 1,
        at=at,
        who=who[:120],
        what=what,
        before=ticket.state if after else None,
        after=after,
        reason=reason,
        detail=detail,
    )
    session.add(event)
    if after:
        ticket.state = after
    ticket.updated = at
    await session.flush()
    if words := checked(note, "note", LONGEST_NOTE):
        session.add(TicketNote(event_id=event.id, ticket_id=ticket.id, text=words))
    return event


def checked(text: str | None, name: str, longest: int) -> str | None:
    """Free words as they are kept; None where there are none. Raises `bad_text` or `text_too_long`."""
    text = (text or "").replace("\r\n", "\n").strip()
    if any(ord(c) < 32 and c not in "\n\t" for c in text) or any(0xD800 <= ord(c) < 0xE000 for c in text):
        raise TicketError(f"The {name} holds characters that cannot be written.", "bad_text")
    if len(text) > longest:
        raise TicketError(f"Write the {name} in at most {longest} characters.", "text_too_long")
    return text or None
