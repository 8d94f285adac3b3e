"""Tickets and calls to citizens joined: what is done is asked about, and what is heard moves the ticket."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.follow_up import About, OnlyKept
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.service import CallBacks, Wanted
from tickets.errors import TicketError
from tickets.handling import Handling
from tickets.life import Move, possible
from tickets.life import State as TicketState
from tickets.models import Ticket
from tickets.telling import Teller

log = logging.getLogger(__name__)

CITIZEN, SYSTEM = "citizen", "system"
"""Who did what the history tells."""


class AskedByCall:
    """A `tickets.asking.Asking`. `secret`: of pseudonyms of numbers."""

    def __init__(self, now: Callable[[], datetime], secret: str) -> None:
        self._now, self._secret = now, secret

    async def ask(self, session: AsyncSession, ticket: Ticket) -> str | None:
        wanted = Wanted(
            Why.ticket_check,
            ticket.number,
            ticket.callback_number or "",
            language="en" if ticket.language == "en" else "tr",
            area_id=ticket.area_id,
        )
        try:
            call = await CallBacks(session, self._now, self._secret).ask(wanted)
        except DiallingError as error:
            return error.code
        return State.opted_out.value if call.state == State.opted_out else None

    async def leave(self, session: AsyncSession, ticket: Ticket) -> None:
        await CallBacks(session, self._now, self._secret).cancel(Why.ticket_check, ticket.number)


class AskedByPeople(AskedByCall):
    """Where nothing dials by itself: the call-back desk asks. What it put off is left when there is nothing to ask."""

    async def ask(self, session: AsyncSession, ticket: Ticket) -> str | None:
        return "by_people"


class TicketFollowUp(OnlyKept):
    """Moves tickets by what citizens say. A ticket that has gone on by itself only keeps what was said."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    async def hold(self, session: AsyncSession, about: About) -> None:
        if about.why is Why.ticket_check:
            held = select(Ticket.id).where(Ticket.number == about.subject).with_for_update()
            await session.execute(held)

    async def solved(self, session: AsyncSession, ticket: str) -> None:
        await self._move(session, ticket, Move.close, CITIZEN, Verdict.solved)

    async def not_solved(self, session: AsyncSession, ticket: str) -> None:
        await self._move(session, ticket, Move.reopen, CITIZEN, Verdict.not_solved)

    async def wants_person(self, session: AsyncSession, about: About) -> None:
        if about.why is Why.ticket_check:
            await self._move(session, about.subject, None, CITIZEN, Verdict.wants_person)

    async def opted_out(self, session: AsyncSession, about: About) -> None:
        if about.why is Why.ticket_check:
            await self._move(session, about.subject, Move.not_reached, CITIZEN, Verdict.opted_out)

    async def tried(self, session: AsyncSession, about: About, outcome: Outcome) -> bool:
        if about.why is not Why.ticket_check:
            return True
        ticket = await self._move(session, about.subject, None, SYSTEM, outcome)
        return ticket is None or ticket.state in (TicketState.done, TicketState.confirming)

    async def unreachable(self, session: AsyncSession, about: About) -> None:
        if about.why is Why.ticket_check:
            await self._move(session, about.subject, Move.not_reached, SYSTEM, "calls_in_vain")

    async def rated(self, session: AsyncSession, about: About, stars: int) -> None:
        if about.why is Why.ticket_check:
            await self._move(session, about.subject, None, CITIZEN, f"stars_{stars}", what="rated")

    async def _move(
        self, session: AsyncSession, number: str, move: Move | None, who: str, reason: str, *, what: str = "call"
    ) -> Ticket | None:
        """None where there is no such ticket: the call's own record keeps what was said."""
        work = Handling(session, self._teller, who)
        try:
            ticket = await work.get(number, hold=True)
        except TicketError as error:
            log.warning("a call was about a ticket that cannot be found (%s)", error.code)
            return None
        if move in possible(ticket.state, merged=ticket.merged_into is not None, category=ticket.category):
            return await work.move(number, move, reason=str(reason)) if move else ticket
        return await work.heard(number, what, str(reason))
