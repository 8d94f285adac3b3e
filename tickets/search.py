"""Finding tickets: by number, caller, place, words, unit and state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.keys import folded
from outages.models import Area
from tickets.errors import TicketError
from tickets.kinds import Category, Channel, Urgency
from tickets.life import OPEN, State
from tickets.models import Ticket, TicketEvent, TicketFile, TicketNote
from tickets.privacy import pseudonym

MOST = 200
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is given has to fit. `text` is looked for in numbers, addresses and what citizens said."""

    text: str = ""
    caller: str = ""
    """A telephone number as people type it."""
    states: Sequence[State] = ()
    category: Category | None = None
    urgency: Urgency | None = None
    channel: Channel | None = None
    unit_id: int | None = None
    area_id: int | None = None
    """A neighbourhood, or a district with all of its own."""
    open_only: bool = False
    before: int | None = None
    """Continue below this id."""


def e164(typed: str) -> str:
    """ "0532 123 45 67" becomes "+905321234567". Raises `bad_number`."""
    try:
        number = phonenumbers.parse(typed[:40], "TR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or len(typed) > 40 or not phonenumbers.is_possible_number(number):
        raise TicketError("Write a telephone number such as 0532 123 45 67.", "bad_number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


async def find(session: AsyncSession, wanted: Wanted, secret: str, limit: int = 50) -> Sequence[Ticket]:
    """The newest first."""
    query = select(Ticket).where(*fitting(wanted, secret)).order_by(Ticket.id.desc()).limit(min(limit, MOST))
    return (await session.scalars(query)).all()


async def history(session: AsyncSession, ticket: Ticket) -> Sequence[tuple[TicketEvent, str | None]]:
    """Every event, the oldest first, with its note."""
    query = (
        select(TicketEvent, TicketNote.text)
        .outerjoin(TicketNote, TicketNote.event_id == TicketEvent.id)
        .where(TicketEvent.ticket_id == ticket.id)
        .order_by(TicketEvent.number)
    )
    return [(event, note) for event, note in await session.execute(query)]


async def files_of(session: AsyncSession, ticket: Ticket) -> Sequence[TicketFile]:
    query = select(TicketFile).where(TicketFile.ticket_id == ticket.id).order_by(TicketFile.id)
    return (await session.scalars(query)).all()


async def within(session: AsyncSession, ticket: Ticket) -> Sequence[Ticket]:
    """The duplicates that are part of it."""
    query = select(Ticket).where(Ticket.merged_into == ticket.id).order_by(Ticket.id)
    return (await session.scalars(query)).all()


async def same_caller(session: AsyncSession, ticket: Ticket, limit: int = 10) -> Sequence[Ticket]:
    """Other tickets of the same number, the newest first."""
    if ticket.number_hash is None:
        return []
    query = select(Ticket).where(Ticket.number_hash == ticket.number_hash, Ticket.id != ticket.id)
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(limit))).all()


def fitting(wanted: Wanted, secret: str) -> Sequence[ColumnElement[bool]]:
    """Conditions on tickets, for lists of other orders. Raises `bad_number`."""
    given: list[ColumnElement[bool]] = []
    equal = (
        (Ticket.category, wanted.category),
        (Ticket.urgency, wanted.urgency),
        (Ticket.channel, wanted.channel),
        (Ticket.unit_id, wanted.unit_id),
    )
    given += [column == value for column, value in equal if value is not None]
    if words := "".join(c for c in wanted.text if c.isprintable()).strip()[:LONGEST]:
        found = Ticket.number.contains(words, autoescape=True)
        key = folded(words)
        given.append(or_(found, Ticket.search_key.contains(key, autoescape=True)) if key else found)
    if wanted.caller:
        given.append(Ticket.number_hash == pseudonym(e164(wanted.caller), secret))
    if wanted.states:
        given.append(Ticket.state.in_(wanted.states))
    if wanted.open_only:
        given += [Ticket.state.in_(OPEN), Ticket.merged_into.is_(None)]
    if wanted.area_id is not None:
        given.append(or_(Ticket.area_id == wanted.area_id, Ticket.area_id.in_(_areas_within(wanted.area_id))))
    if wanted.before is not None:
        given.append(Ticket.id < wanted.before)
    return given


def _areas_within(district_id: int) -> Select[Any]:
    return select(Area.id).where(Area.district_id == district_id)
