"""Every contact with a person over every channel, on one line of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.models import Contact as Talk
from calls.models import CallRecord, RememberedCaller
from citizens.whose import Citizen, Secrets
from dialling.kinds import OPEN
from dialling.models import CallAttempt, OptOut, OutboundCall
from notices.models import NoticeRequest
from subscribers.consent import Consent
from tickets.models import Ticket

MOST = 100
"""Of each kind."""
Kind = Literal[
    "call",
    "talk",
    "ticket_opened",
    "ticket_closed",
    "called",
    "will_be_called",
    "notice",
    "consent_given",
    "consent_withdrawn",
    "remembered",
    "opted_out",
]


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry. `about` holds words and numbers of the room that it comes from; nothing that was said."""

    at: datetime
    kind: Kind
    about: Mapping[str, Any] = field(default_factory=dict)


async def timeline(
    session: AsyncSession, citizen: Citizen, secrets: Secrets, consents: Sequence[Consent] = ()
) -> list[Contact]:
    """The newest first. `consents`: all that the subscriber said about them."""
    callers = citizen.callers(secrets)
    found = [
        *await _calls(session, callers),
        *await _talks(session, callers),
        *await _tickets(session, callers),
        *await _called(session, callers),
        *await _wishes(session, callers, citizen.notices(secrets)),
        *(_consent(consent) for consent in consents),
    ]
    return sorted(found, key=lambda contact: contact.at, reverse=True)


async def tickets_of(session: AsyncSession, citizen: Citizen, secrets: Secrets) -> Sequence[Ticket]:
    """The newest first."""
    query = select(Ticket).where(Ticket.number_hash.in_(citizen.callers(secrets)))
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(MOST))).all()


async def _calls(session: AsyncSession, callers: Sequence[str]) -> list[Contact]:
    columns = (CallRecord.started, CallRecord.outcome, CallRecord.reason, CallRecord.area_id, CallRecord.ticket_number)
    query = select(*columns).where(CallRecord.caller_hash.in_(callers)).order_by(CallRecord.started.desc()).limit(MOST)
    return [
        Contact(at, "call", {"outcome": outcome, "reason": reason, "area_id": area_id, "ticket": ticket})
        for at, outcome, reason, area_id, ticket in await session.execute(query)
    ]


async def _talks(session: AsyncSession, callers: Sequence[str]) -> list[Contact]:
    """With agents; who it was is not told."""
    talks = select(Talk).where(Talk.number_hash.in_(callers)).order_by(Talk.rang.desc()).limit(MOST)
    return [
        Contact(each.rang, "talk", {"reason": each.reason, "area_id": each.area_id, "ticket": each.ticket_number})
        for each in await session.scalars(talks)
    ]


async def _tickets(session: AsyncSession, callers: Sequence[str]) -> list[Contact]:
    query = select(Ticket).where(Ticket.number_hash.in_(callers)).order_by(Ticket.id.desc()).limit(MOST)
    return [contact for ticket in await session.scalars(query) for contact in _of_ticket(ticket)]


def _of_ticket(ticket: Ticket) -> Iterator[Contact]:
    about = {"ticket": ticket.number, "category": str(ticket.category), "channel": str(ticket.channel)}
    yield Contact(ticket.opened, "ticket_opened", about | {"area_id": ticket.area_id})
    if ticket.closed:
        yield Contact(ticket.closed, "ticket_closed", about)


async def _called(session: AsyncSession, callers: Sequence[str]) -> list[Contact]:
    """Calls to them: those that were placed, and those that are to come."""
    attempts = select(CallAttempt).where(CallAttempt.number_hash.in_(callers)).order_by(CallAttempt.at.desc())
    waiting = select(OutboundCall).where(OutboundCall.number_hash.in_(callers), OutboundCall.state.in_(OPEN))
    return [
        *(
            Contact(each.at, "called", {"why": each.why, "outcome": each.outcome, "verdict": each.verdict})
            for each in await session.scalars(attempts.limit(MOST))
        ),
        *(
            Contact(each.created, "will_be_called", {"why": each.why, "due": each.due, "area_id": each.area_id})
            for each in await session.scalars(waiting.limit(MOST))
        ),
    ]


async def _wishes(session: AsyncSession, callers: Sequence[str], notices: Sequence[str]) -> list[Contact]:
    asked = select(NoticeRequest).where(NoticeRequest.number_hash.in_(notices)).limit(MOST)
    remembered = select(RememberedCaller).where(RememberedCaller.caller_hash.in_(callers))
    opted_out = select(OptOut).where(OptOut.number_hash.in_(callers))
    return [
        *(
            Contact(each.consented, "notice", {"way": each.way, "state": str(each.state), "area_id": each.area_id})
            for each in await session.scalars(asked)
        ),
        *(
            Contact(each.consented_at, "remembered", {"area_id": each.area_id})
            for each in await session.scalars(remembered)
        ),
        *(Contact(each.at, "opted_out", {"how": each.how}) for each in await session.scalars(opted_out)),
    ]


def _consent(consent: Consent) -> Contact:
    about = {"channel": consent.channel, "purpose": consent.purpose, "source": consent.source, "who": consent.who}
    return Contact(consent.at, "consent_given" if consent.given else "consent_withdrawn", about)
