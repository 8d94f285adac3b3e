"""Tickets on which the citizen has the last word: what is due, what is put off, who could not be asked, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from console.pulse import WITH_CITIZEN
from dialling.errors import DiallingError
from dialling.kinds import ON_THE_LINE, OPEN, Verdict, Why
from dialling.kinds import State as CallState
from dialling.models import CallAttempt, OptOut, OutboundCall
from dialling.numbers import callable_number
from tickets.kinds import Urgency
from tickets.life import UNASKED, State
from tickets.models import Ticket

PAGE = 50
"""Tickets on one page."""
_URGENCY = case({urgency: place for place, urgency in enumerate(Urgency)}, value=Ticket.urgency)


class Group(StrEnum):
    """Why a ticket is on the desk; the first that fits, in the order of the page."""

    calling = "calling"
    wants_person = "wants_person"
    due = "due"
    unreachable = "unreachable"
    no_number = "no_number"
    """Nobody can be called: no number, a number that is not called, or no wish to be called."""
    later = "later"


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket on the desk."""

    ticket: Ticket
    group: Group
    call: OutboundCall | None
    """The newest call about it on the dialler's list."""
    attempts: Sequence[CallAttempt]
    """The oldest first."""
    next: datetime | None
    why_not: str | None
    """Why the number is not called: `no_number`, `not_callable` or `opted_out`."""

    @property
    def last(self) -> CallAttempt | None:
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the order of the desk: what can be done now before what is put off, then by urgency and waiting."""

    later: int
    urgency: int
    updated: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.later}.{self.urgency}.{round(self.updated.timestamp() * 1e6)}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """None for what is none."""
        parts = text.split(".")
        if len(parts) != len(cls.__slots__) or not all(part.isascii() and part.isdecimal() for part in parts):
            return None
        later, urgency, updated, id_ = (int(part[:18]) for part in parts)
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=min(updated, 10**17))
        return cls(min(later, 9), min(urgency, 9), at, min(id_, 2**31 - 1))


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the desk."""

    rows: Sequence[Row]
    all: int
    """Tickets on all pages."""
    next: Mark | None
    """Where the next page begins; None on the last."""


async def rows(
    session: AsyncSession, now: datetime, after: Mark | None = None, fitting: Sequence[ColumnElement[bool]] = ()
) -> Listed:
    """What can be done now before what is put off, the most urgent first, then what has waited longest."""
    asked = (Ticket.state.in_(WITH_CITIZEN), Ticket.merged_into.is_(None), Ticket.category.not_in(UNASKED), *fitting)
    later = case((exists().where(*_put_off(now)), 1), else_=0)
    order = later, _URGENCY, Ticket.updated, Ticket.id
    query = select(Ticket, later, _URGENCY).where(*asked).order_by(*order).limit(PAGE + 1)
    if after:
        query = query.where(tuple_(*order) > tuple_(after.later, after.urgency, after.updated, after.id))
    found = (await session.execute(query)).all()
    page = found[:PAGE]
    all_ = int(await session.scalar(select(func.count()).select_from(Ticket).where(*asked)) or 0)
    last = Mark(page[-1][1], page[-1][2], page[-1][0].updated, page[-1][0].id) if found[PAGE:] else None
    return Listed(await rows_of(session, [ticket for ticket, *_ in page], now), all_, last)


def _put_off(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboundCall.why == Why.ticket_check,
        OutboundCall.subject == Ticket.number,
        OutboundCall.state.in_((CallState.waiting, CallState.behind)),
        OutboundCall.due > now,
    )


async def rows_of(session: AsyncSession, tickets: Sequence[Ticket], now: datetime) -> list[Row]:
    numbers = [ticket.number for ticket in tickets]
    about = select(OutboundCall).where(OutboundCall.why == Why.ticket_check, OutboundCall.subject.in_(numbers))
    calls: dict[str, list[OutboundCall]] = defaultdict(list)
    for call in await session.scalars(about.order_by(OutboundCall.id)):
        calls[call.subject].append(call)
    attempts = await _attempts(session, [call for each in calls.values() for call in each])
    hashes = {ticket.number_hash for ticket in tickets if ticket.number_hash}
    refused = set(await session.scalars(select(OptOut.number_hash).where(OptOut.number_hash.in_(hashes))))
    return [_row(ticket, calls[ticket.number], attempts, refused, now) for ticket in tickets]


async def _attempts(session: AsyncSession, calls: Sequence[OutboundCall]) -> Mapping[str, list[CallAttempt]]:
    subjects = {call.id: call.subject for call in calls}
    found: dict[str, list[CallAttempt]] = defaultdict(list)
    made = select(CallAttempt).where(CallAttempt.outbound_id.in_(subjects)).order_by(CallAttempt.at, CallAttempt.id)
    for attempt in await session.scalars(made):
        found[subjects[attempt.outbound_id]].append(attempt)
    return found


def _row(
    ticket: Ticket,
    calls: Sequence[OutboundCall],
    attempts: Mapping[str, list[CallAttempt]],
    refused: set[str],
    now: datetime,
) -> Row:
    call = next((call for call in reversed(calls) if call.state in OPEN), calls[-1] if calls else None)
    made = attempts[ticket.number]
    due = call.due if call and call.state in OPEN and call.state not in ON_THE_LINE else None
    why_not = _why_not(ticket, refused)
    return Row(ticket, _group(ticket, call, made, due, why_not, now), call, made, due, why_not)


def _why_not(ticket: Ticket, refused: set[str]) -> str | None:
    if not ticket.callback_number:
        return "no_number"
    if ticket.number_hash in refused:
        return "opted_out"
    try:
        callable_number(ticket.callback_number)
    except DiallingError as error:
        return error.code
    return None


def _group(
    ticket: Ticket,
    call: OutboundCall | None,
    made: Sequence[CallAttempt],
    due: datetime | None,
    why_not: str | None,
    now: datetime,
) -> Group:
    if call and call.state in ON_THE_LINE:
        return Group.calling
    newest = made[-1] if made and call and made[-1].outbound_id == call.id else None
    if newest and newest.verdict == Verdict.wants_person and due is None:
        return Group.wants_person
    if why_not:
        return Group.no_number
    if due and due > now:
        return Group.later
    return Group.unreachable if ticket.state is State.unreachable else Group.due
