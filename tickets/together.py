"""Tickets that belong together: duplicates within one, and those that wait for an outage's end."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.life import Life
from outages.models import Outage
from tickets import dispatch, levels
from tickets.errors import TicketError
from tickets.history import note_down
from tickets.life import OPEN, Move, after
from tickets.models import Ticket
from tickets.telling import Teller
from tickets.unit_models import Unit
from tickets.waking import wake


class Together:
    """The part of `Handling` that joins tickets."""

    session: AsyncSession
    teller: Teller
    who: str

    async def get(self, number: str, *, hold: bool = False) -> Ticket:
        raise NotImplementedError

    async def merge(self, number: str, into: str, *, note: str | None = None) -> Ticket:
        """The same fault told twice: it stands still within the other until it is taken out; its number stays."""
        first, second = sorted((number, into))  # always in one order, so that two merges do not wait in a circle
        held = {each: await self.get(each, hold=True) for each in (first, second)}
        ticket, main = held[number], held[into]
        if ticket.id == main.id or main.merged_into:
            raise TicketError("Name another ticket that is not part of a third one.", "bad_merge")
        after_all = await self.session.scalar(select(Ticket.id).where(Ticket.merged_into == ticket.id).limit(1))
        if ticket.merged_into or after_all:
            raise TicketError("This ticket has others within it, or is part of one; take those out first.", "merged")
        if ticket.state not in OPEN:
            raise TicketError("Only an open ticket can become part of another one.", "not_open")
        ticket.merged_into = main.id
        at = self.teller.now()
        await note_down(self.session, ticket, at, self.who, "merged", note=note, into=main.number)
        await note_down(self.session, main, at, self.who, "merged", within=ticket.number)
        if self.teller.asking:
            await self.teller.asking.leave(self.session, ticket)
        await dispatch.plan(self.session, ticket, at)
        return ticket

    async def take_out(self, number: str, *, note: str | None = None) -> Ticket:
        """It is a fault of its own after all, and goes on where it stood."""
        ticket = await self.get(number, hold=True)
        if ticket.merged_into is None:
            raise TicketError("This ticket is not part of another one.", "not_merged")
        main = await self.session.get_one(Ticket, ticket.merged_into)
        ticket.merged_into = None
        at = self.teller.now()
        await note_down(self.session, ticket, at, self.who, "taken_out", note=note, of=main.number)
        await dispatch.plan(self.session, ticket, at)
        await self._look_now(ticket)
        return ticket

    async def attach(self, number: str, outage_id: int, *, note: str | None = None) -> Ticket:
        """A known outage explains it: nobody works on it alone, and the citizen is asked when the outage is over."""
        ticket = await self.get(number, hold=True)
        outage = await self.session.get(Outage, outage_id)
        if outage is None or outage.life not in (Life.active, Life.scheduled):
            raise TicketError("There is no such outage that is not over.", "no_such_outage")
        after(ticket.state, Move.restored, merged=bool(ticket.merged_into))
        ticket.outage_id = outage_id
        at = self.teller.now()
        await note_down(self.session, ticket, at, self.who, "attached", note=note, outage=outage_id)
        await dispatch.plan(self.session, ticket, at)
        return ticket

    async def detach(self, number: str, *, note: str | None = None) -> Ticket:
        """The outage was not the reason."""
        ticket = await self.get(number, hold=True)
        if ticket.outage_id is None:
            raise TicketError("This ticket waits for no outage.", "not_attached")
        outage, ticket.outage_id = ticket.outage_id, None
        at = self.teller.now()
        await note_down(self.session, ticket, at, self.who, "detached", note=note, outage=outage)
        await dispatch.plan(self.session, ticket, at)
        await self._look_now(ticket)
        return ticket

    async def _new_promises(self, ticket: Ticket) -> None:
        at = self.teller.now()
        unit = await self.session.get(Unit, ticket.unit_id) if ticket.unit_id else None
        if unit or ticket.state in OPEN:
            await levels.start_clocks(self.session, ticket, unit, at, self.teller.zone)
        await dispatch.plan(self.session, ticket, at)
        await self._look_now(ticket)

    async def _look_now(self, ticket: Ticket) -> None:
        if ticket.look_at:
            ticket.look_at = self.teller.now()
            await wake(self.session)
