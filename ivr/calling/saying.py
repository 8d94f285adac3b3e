"""Whoever is told what citizens say when they are called: tickets move, and restorations are doubted."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.follow_up import About
from ivr.calling.following import TicketFollowUp
from notices.doubts import Doubts, Enough
from tickets.models import Ticket
from tickets.telling import Teller


class CitizensSay(TicketFollowUp):
    """The follow-up of all calls."""

    def __init__(self, teller: Teller, enough: Enough) -> None:
        super().__init__(teller)
        self._now, self._enough = teller.now, enough

    async def still_off(self, session: AsyncSession, about: About) -> None:
        if about.area_id is not None and about.subject.isdecimal():
            await self._doubts(session).still_off(int(about.subject), about.area_id, about.number_hash)

    async def not_solved(self, session: AsyncSession, ticket: str) -> None:
        """Who was attached to an outage speaks of its end too."""
        found = await session.scalar(select(Ticket).where(Ticket.number == ticket))
        waited = (found.outage_id, found.area_id, found.number_hash) if found else (None, None, None)
        await super().not_solved(session, ticket)
        outage_id, area_id, number_hash = waited
        if outage_id is not None and area_id is not None and number_hash:
            await self._doubts(session).still_off(outage_id, area_id, number_hash)

    def _doubts(self, session: AsyncSession) -> Doubts:
        return Doubts(session, self._now, self._enough)
