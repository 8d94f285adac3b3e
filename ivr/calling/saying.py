"""Whoever is told what citizens say when they are called: tickets move, and restorations are doubted."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.follow_up import About
from dialling.kinds import Why
from dialling.models import OutboundCall
from dialling.places import Place, place_of
from ivr.calling.following import TicketFollowUp
from notices.doubts import Doubts, Enough
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.models import Ticket
from tickets.telling import Teller
from tickets.waking import wake


class CitizensSay(TicketFollowUp):
    """The follow-up of all calls."""

    def __init__(self, teller: Teller, enough: Enough, secret: str) -> None:
        """`secret`: of pseudonyms of numbers."""
        super().__init__(teller)
        self._now, self._enough, self._secret = teller.now, enough, secret

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

    async def unreachable(self, session: AsyncSession, about: About) -> None:
        """Who kept a place and cannot be reached stays with the desk as a ticket."""
        await super().unreachable(session, about)
        if about.why is Why.queue_callback:
            await self._stays(session, about)

    async def _stays(self, session: AsyncSession, about: About) -> None:
        query = select(OutboundCall).where(OutboundCall.why == about.why, OutboundCall.subject == about.subject)
        call = await session.scalar(query.order_by(OutboundCall.id.desc()).limit(1))
        place = await place_of(session, call.id) if call else None
        if call is None or call.number is None:
            return
        given = Submission(
            Channel.phone,
            f"queue-{call.id}",
            Category.information,
            callback_number=call.number,
            language=call.language,
            told=_told(place),
        )
        await take(session, self._now(), given, who="system", secret=self._secret)
        await wake(session)

    def _doubts(self, session: AsyncSession) -> Doubts:
        return Doubts(session, self._now, self._enough)


def _told(place: Place | None) -> str:
    """For whoever calls them back, in the words of the desk."""
    more = [each for each in (place.area, place.ticket) if each] if place else []
    return ". ".join(["Temsilci sırasındaydı; sırası gelince arandı, ulaşılamadı", *more])
