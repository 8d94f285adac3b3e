"""What anybody who knows a ticket's number and the last digits of its telephone may know: where it is, nothing else."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from people import throttle
from people.errors import SignInRefused
from people.secrets import digest
from people.throttle import Limit
from tickets.errors import TicketError
from tickets.life import OPEN, State
from tickets.models import Ticket, TicketClock

DIGITS = 2
PER_TICKET = Limit(5, timedelta(minutes=15))
"""There are only a hundred pairs of digits: trying them all takes a day."""
PER_ADDRESS = Limit(30, timedelta(minutes=15))
PER_CALLER = Limit(6, timedelta(minutes=15))
"""Each look-up by telephone counts, also one that found something: numbers are in a row, most guesses are right."""
WITHHELD = Limit(60, timedelta(minutes=1))
"""All who hide their number share one count."""
_NUMBER = re.compile(r"\d{2}-?\d{6}")


@dataclass(frozen=True, slots=True)
class Status:
    """Without anything personal."""

    number: str
    state: State
    category: str
    opened: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class PhoneStatus:
    """What is said to whoever types a ticket's number: nothing personal, and not what or where it is."""

    state: State
    waits_for_outage: bool
    promised: datetime | None
    """When it is to be solved, while work is to be done."""


async def status_by_phone(session: AsyncSession, now: datetime, number: str, caller: str | None) -> PhoneStatus | None:
    """None without such a ticket. Raises `wait` for who asks too much. Commits the count.

    `caller`: a pseudonym of their number.
    """
    limit = {digest(f"ticket status by phone from {caller}"): PER_CALLER if caller else WITHHELD}
    try:
        await throttle.admit(session, now, limit)
    except SignInRefused as refused:
        raise TicketError(f"Too many tickets were asked for; wait {refused.wait_seconds} seconds.", "wait") from None
    await session.commit()
    ticket = await session.scalar(select(Ticket).where(Ticket.number == number))
    if ticket is None:
        return None
    main = await session.get(Ticket, ticket.merged_into) if ticket.merged_into else ticket
    shown = main or ticket
    promise = select(TicketClock.due).where(TicketClock.ticket_id == shown.id, TicketClock.round == shown.round)
    promised = promise.where(TicketClock.promise == "solution", TicketClock.met.is_(None))
    waits = shown.outage_id is not None and shown.state in OPEN
    due = await session.scalar(promised) if shown.state in OPEN and not waits else None
    return PhoneStatus(shown.state, waits, due)


async def status_of(session: AsyncSession, now: datetime, number: str, digits: str, address: str) -> Status:
    """Raises `no_such_status`, the same whatever was wrong, and `wait` for who tries too much. Commits wrong tries."""
    typed = "".join(number.split())
    known = f"{typed[:2]}-{typed[-6:]}" if _NUMBER.fullmatch(typed) and typed.isascii() else ""
    limits = {digest(f"ticket {known}"): PER_TICKET, digest(f"ticket status from {address}"): PER_ADDRESS}
    try:
        await throttle.admit(session, now, limits)
    except SignInRefused as refused:
        raise TicketError(f"Too many tries; wait {refused.wait_seconds} seconds, then try again.", "wait") from None
    ticket = await session.scalar(select(Ticket).where(Ticket.number == known)) if known else None
    phone = ticket.callback_number if ticket else None
    if ticket is None or not phone or len(digits) != DIGITS or phone[-DIGITS:] != digits:
        await session.commit()  # the try counts
        raise TicketError("There is no ticket of this number and these digits; check both.", "no_such_status")
    main = await session.get(Ticket, ticket.merged_into) if ticket.merged_into else ticket
    shown = main or ticket
    status = Status(ticket.number, shown.state, ticket.category, ticket.opened, shown.updated)
    await session.rollback()  # who knows it has not tried
    return status
