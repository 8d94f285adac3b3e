"""The one way in: however a report comes and however often it is sent, it makes one ticket."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outages.keys import folded
from tickets.errors import TicketError
from tickets.history import checked, note_down
from tickets.kinds import Category, Channel, Urgency
from tickets.life import State
from tickets.models import Ticket, TicketYear
from tickets.privacy import pseudonym
from tickets.unit_models import CategoryRow

LONGEST_KEY, LONGEST_WORDS, LONGEST_ADDRESS, LONGEST_NAME = 200, 4000, 500, 120


@dataclass(frozen=True, slots=True)
class Submission:
    """What a channel knows of a report. `key` is the channel's own for it."""

    channel: Channel
    key: str
    category: Category
    urgency: Urgency | None = None
    """None: that of the category."""
    area_id: int | None = None
    address: str | None = None
    told: str | None = None
    caller_name: str | None = None
    callback_number: str | None = None
    """E.164."""
    language: str = "tr"
    outage_id: int | None = None
    call_id: str | None = None
    voice: str | None = None
    """Name of the message in the tickets' folder."""

    def fingerprint(self) -> str:
        told = json.dumps(asdict(self), ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    ticket: Ticket
    new: bool
    """False where this report had been taken before: nothing was changed, and nothing is to be committed."""


async def take(
    session: AsyncSession,
    now: datetime,
    given: Submission,
    *,
    who: str,
    secret: str | None = None,
    same_words: bool = True,
) -> Taken:
    """Open a ticket or find the one that this report made; the caller commits.

    `secret`: of pseudonyms. `same_words`: refuse another report under a key that was used, as `key_reused`.
    """
    given = _tidy(given)
    print_ = given.fingerprint() if same_words else None
    number = await _next_number(session, now.year % 100)  # from here on openings queue up
    known = await session.scalar(select(Ticket).where(Ticket.key == f"{given.channel}:{given.key}"))
    if known is not None:
        if print_ and known.fingerprint and known.fingerprint != print_:
            raise TicketError("Another report was sent under this idempotency key; use a new one.", "key_reused")
        return Taken(known, new=False)
    ticket = _ticket(given, number, now, given.urgency or await _urgency(session, given.category), secret)
    ticket.fingerprint = print_
    session.add(ticket)
    await session.flush()
    told = {"channel": given.channel, "urgency": ticket.urgency, "category": ticket.category}
    await note_down(session, ticket, now, who, "opened", facts=told)
    return Taken(ticket, new=True)


async def _next_number(session: AsyncSession, year: int) -> str:
    """Holds the year's row until the transaction ends: openings queue up, and one that fails leaves no gap."""
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    await session.execute(upsert(TicketYear).values(year=year, last=0).on_conflict_do_nothing())
    next_one = update(TicketYear).where(TicketYear.year == year).values(last=TicketYear.last + 1)
    last = await session.scalar(next_one.returning(TicketYear.last))
    return f"{year:02}-{last:06}"


async def _urgency(session: AsyncSession, category: Category) -> Urgency:
    row = await session.get(CategoryRow, category)
    return row.urgency if row else Urgency.normal


def _tidy(given: Submission) -> Submission:
    key = checked(given.key, "idempotency key", LONGEST_KEY)
    if key is None:
        raise TicketError("A report needs an idempotency key, the same in every retry.", "no_key_given")
    return replace(
        given,
        key=key,
        told=checked(given.told, "report", LONGEST_WORDS),
        address=checked(given.address, "address", LONGEST_ADDRESS),
        caller_name=checked(given.caller_name, "name", LONGEST_NAME),
    )


def _ticket(given: Submission, number: str, now: datetime, urgency: Urgency, secret: str | None) -> Ticket:
    caller = given.callback_number
    return Ticket(
        number=number,
        key=f"{given.channel}:{given.key}",
        channel=given.channel,
        call_id=given.call_id,
        category=given.category,
        urgency=urgency,
        state=State.new,
        area_id=given.area_id,
        address=given.address,
        told=given.told,
        search_key=folded(f"{given.address or ''} {given.told or ''}") or None,
        caller_name=given.caller_name,
        callback_number=caller,
        number_hash=pseudonym(caller, secret) if caller and secret else None,
        language=given.language,
        voice=given.voice,
        outage_id=given.outage_id,
        step=0,
        round=1,
        opened=now,
        updated=now,
        look_at=None if given.outage_id else now,
    )
