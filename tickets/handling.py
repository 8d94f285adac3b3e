"""Tickets as people work on them. Nothing here commits: the edge does."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets import asking, dispatch
from tickets.acknowledging import offered
from tickets.errors import TicketError
from tickets.history import LONGEST_NOTE, checked, note_down
from tickets.kinds import Category, Urgency
from tickets.life import OPEN, Move, State, after
from tickets.models import Ticket
from tickets.routing import Destination
from tickets.telling import Teller
from tickets.together import Together
from tickets.unit_models import Unit
from tickets.waking import wake
from tickets.words import CAUSES

_NUMBER = re.compile(r"[0-9]{2}-[0-9]{6,9}")


class Handling(Together):
    """One person's work in one session. `who` is written into the history."""

    def __init__(self, session: AsyncSession, teller: Teller, who: str) -> None:
        self.session, self.teller, self.who = session, teller, who

    async def get(self, number: str, *, hold: bool = False) -> Ticket:
        """Raises `unknown_ticket`. `hold`: nobody else changes it until the transaction ends."""
        if not _NUMBER.fullmatch(number):
            raise TicketError("A ticket's number looks like 26-004217.", "unknown_ticket")
        query = select(Ticket).where(Ticket.number == number)
        held = query.with_for_update().execution_options(populate_existing=True)
        ticket = await self.session.scalar(held if hold else query)
        if ticket is None:
            raise TicketError(f"There is no ticket {number}.", "unknown_ticket")
        return ticket

    async def move(
        self,
        number: str,
        move: Move,
        *,
        note: str | None = None,
        reason: str | None = None,
        cause: str | None = None,
    ) -> Ticket:
        """One step of its life. `TicketError` where that is impossible now."""
        ticket = await self.get(number, hold=True)
        if move in (Move.send, Move.hand_on):
            raise TicketError("Say which unit it goes to.", "no_unit_given")
        state = after(ticket.state, move, merged=bool(ticket.merged_into), category=ticket.category)
        if move is Move.finish:
            if cause not in CAUSES:
                raise TicketError(f"Say what was found: {', '.join(CAUSES)}.", "unknown_finding")
            ticket.cause = cause
        if move is Move.reopen:
            self._begin_again(ticket)
        ticket.closed = self.teller.now() if state is State.closed else None
        detail = {"cause": cause} if move is Move.finish else {}
        at = self.teller.now()
        await note_down(
            self.session, ticket, at, self.who, move, after=state, reason=_word(reason), note=note, **detail
        )
        await asking.moved(self.session, self.teller.asking, ticket, move, at)
        await dispatch.plan(self.session, ticket, at)
        if move is Move.reopen:
            ticket.look_at = at
            await wake(self.session)
        return ticket

    async def hand_on(self, number: str, unit_id: int, *, note: str | None = None) -> Ticket:
        """To another unit, by a person's decision."""
        ticket, unit = await self.get(number, hold=True), await self.session.get(Unit, unit_id)
        if unit is None or not unit.active:
            raise TicketError("There is no such unit at work.", "unknown_unit")
        ticket.outage_id = None
        to = Destination(unit, {"by": self.who, "unit": unit.name})
        await dispatch.hand_over(self.session, self.teller, ticket, to, self.who, move=Move.hand_on, note=note)
        return ticket

    async def accept_by_link(self, secret: str) -> Ticket:
        """By the one-time link of a message. Raises `link_unknown` or `link_used`."""
        link, ticket = await offered(self.session, secret, lock=True)
        link.used = at = self.teller.now()
        unit = await self.session.get_one(Unit, link.unit_id)
        who = f"{unit.name} ({link.told})" if link.told != unit.name else unit.name
        state = after(ticket.state, Move.accept)
        await note_down(self.session, ticket, at, who, Move.accept, after=state, reason="link", step=link.step)
        await dispatch.plan(self.session, ticket, at)
        return ticket

    async def note(self, number: str, text: str) -> Ticket:
        """A remark for whoever reads the ticket next."""
        ticket = await self.get(number, hold=True)
        if checked(text, "note", LONGEST_NOTE) is None:
            raise TicketError("Write something into the note.", "empty_note")
        await note_down(self.session, ticket, self.teller.now(), self.who, "note", note=text)
        return ticket

    async def heard(self, number: str, what: str, reason: str, *, note: str | None = None) -> Ticket:
        """What came of asking the citizen, where the ticket does not move for it: `call` or `rated`."""
        ticket = await self.get(number, hold=True)
        await note_down(self.session, ticket, self.teller.now(), self.who, what, reason=_word(reason), note=note)
        return ticket

    async def change(self, number: str, category: Category, urgency: Urgency, *, note: str | None = None) -> Ticket:
        """Another category or urgency. The unit stays; promises that still run are made anew."""
        ticket = await self.get(number, hold=True)
        if ticket.state not in OPEN or ticket.merged_into:
            raise TicketError("Only an open ticket changes its category or urgency.", "not_open")
        told = {
            name: [str(before), str(new)]
            for name, before, new in (
                ("category", ticket.category, category),
                ("urgency", ticket.urgency, urgency),
            )
            if before != new
        }
        if not told:
            return ticket
        ticket.category, ticket.urgency = category, urgency
        at = self.teller.now()
        await note_down(self.session, ticket, at, self.who, "changed", note=note, changes=told)
        await self._new_promises(ticket)
        return ticket

    def _begin_again(self, ticket: Ticket) -> None:
        """A reopened ticket is more urgent, and its promises are made anew."""
        ticket.round += 1
        ticket.urgency = ticket.urgency.raised
        ticket.outage_id = ticket.cause = None


def _word(reason: str | None) -> str | None:
    """Reasons are stable words; sentences belong into notes."""
    if reason is None or (len(reason) <= 60 and reason.replace("_", "").isalnum() and reason.isascii()):
        return reason
    raise TicketError("A reason is one word such as no or no_answer; write more as a note.", "bad_reason")
