"""Accepting a ticket by the link in a message: a secret for one use, of which only the digest is kept."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from people.secrets import digest, token
from tickets.errors import TicketError
from tickets.life import State
from tickets.models import Acknowledgement, Ticket

PATH = "/onay"
LONGEST_TOKEN = 80


async def offer(session: AsyncSession, ticket: Ticket, told: str, at: datetime) -> str:
    """A new secret for whoever is told now."""
    secret = token()
    session.add(
        Acknowledgement(
            digest=digest(secret),
            ticket_id=ticket.id,
            round=ticket.round,
            unit_id=ticket.unit_id,
            step=ticket.step,
            told=told[:120],
            made=at,
        )
    )
    await session.flush()
    return secret


async def offered(session: AsyncSession, secret: str, *, lock: bool = False) -> tuple[Acknowledgement, Ticket]:
    """What the link would accept. Raises `link_unknown`, or `link_used` where there is nothing left to accept."""
    found = None
    if len(secret) <= LONGEST_TOKEN:
        found = await session.get(Acknowledgement, digest(secret), with_for_update=lock)
    if found is None:
        raise TicketError("This link is none of ours; open it from the message again.", "link_unknown")
    ticket = await session.get_one(Ticket, found.ticket_id, with_for_update=lock)
    same = ticket.unit_id == found.unit_id and ticket.round == found.round
    if found.used or ticket.state is not State.sent or not same or ticket.merged_into:
        raise TicketError("This ticket has been accepted already, or is somewhere else now.", "link_used")
    return found, ticket
