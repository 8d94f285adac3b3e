"""When an outage has ended, those who wanted to know are asked whether their water is back."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Executable, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.kinds import PLANNED, State, Why
from dialling.models import OutboundCall
from dialling.service import CallBacks, Wanted
from notices.models import RestorationRequest
from outages.life import Life
from outages.models import Outage
from storage.database import Database
from storage.keeping_on import keep_on
from tickets.life import UNASKED
from tickets.models import Ticket

log = logging.getLogger(__name__)

PAUSE = 2.0
AT_ONCE = 200
ASKED, BY_TICKET, ANSWERED = "asked", "by_ticket", "answered"


class Restoring:
    """Looks for requests whose outage is over: none is lost, whoever dies at whatever moment."""

    def __init__(self, db: Database, now: Callable[[], datetime], secret: str) -> None:
        self._db, self._now, self._secret = db, now, secret

    async def run(self) -> None:
        """Until cancelled."""
        await keep_on(self.turn, PAUSE, log, "questions whether the water is back")

    async def turn(self) -> int:
        """Do all that is due now; how many requests were settled."""
        async with self._db.reading() as session:
            due = (await session.scalars(_over().limit(AT_ONCE))).all()
            again = (await session.scalars(_off_again())).all()
        for outage_id in again:
            await self._take_back(outage_id)
        # one by one: a transaction holds one number only, so that nobody waits in a circle
        return sum([await self._settle(request_id) for request_id in due])

    async def _settle(self, request_id: int) -> bool:
        async with self._db.session() as session:
            query = select(RestorationRequest).where(RestorationRequest.id == request_id)
            request = await session.scalar(query.with_for_update(skip_locked=True))
            if request is None or request.settled:
                return False  # somebody else has it in hand
            outage = await session.get_one(Outage, request.outage_id)
            if outage.life is Life.restored:
                request.settled_as = await self._ask(session, request)
            elif outage.life is Life.cancelled:
                request.settled_as = Life.cancelled.value
            else:
                return False
            request.settled = self._now()
            await session.commit()
            return True

    async def _ask(self, session: AsyncSession, request: RestorationRequest) -> str:
        if await session.scalar(_asked_by_ticket(request)):
            return BY_TICKET
        wanted = Wanted(
            Why.restoration,
            str(request.outage_id),
            request.number,
            language="en" if request.language == "en" else "tr",
            area_id=request.area_id,
        )
        try:
            call = await CallBacks(session, self._now, self._secret).ask(wanted)
        except DiallingError as error:
            return error.code
        return State.opted_out.value if call.state == State.opted_out else ASKED

    async def _take_back(self, outage_id: int) -> None:
        """It was not over after all: who has not been called yet waits again."""
        async with self._db.session() as session:
            planned = select(OutboundCall.number_hash).where(
                OutboundCall.why == Why.restoration,
                OutboundCall.subject == str(outage_id),
                OutboundCall.state.in_(PLANNED),
            )
            hashes = (await session.scalars(planned.with_for_update())).all()
            await CallBacks(session, self._now, self._secret).cancel(Why.restoration, str(outage_id))
            await session.execute(_wait_again(outage_id, hashes))
            left = update(RestorationRequest).where(
                RestorationRequest.outage_id == outage_id, RestorationRequest.settled_as == ASKED
            )
            await session.execute(left.values(settled_as=ANSWERED))
            await session.commit()


def _over() -> Select[int]:
    ended = Outage.life.in_((Life.restored, Life.cancelled))
    waiting = select(RestorationRequest.id).join(Outage, Outage.id == RestorationRequest.outage_id)
    return waiting.where(RestorationRequest.settled.is_(None), ended).order_by(RestorationRequest.id)


def _off_again() -> Select[int]:
    asked = select(RestorationRequest.outage_id).join(Outage, Outage.id == RestorationRequest.outage_id)
    return asked.where(RestorationRequest.settled_as == ASKED, Outage.life == Life.active).distinct()


def _wait_again(outage_id: int, hashes: Sequence[str]) -> Executable:
    requests = update(RestorationRequest).where(
        RestorationRequest.outage_id == outage_id, RestorationRequest.number_hash.in_(hashes)
    )
    return requests.values(settled=None, settled_as=None)


def _asked_by_ticket(request: RestorationRequest) -> Select[int]:
    """Whoever is attached to the outage by a ticket is asked about that."""
    return select(Ticket.id).where(
        Ticket.outage_id == request.outage_id,
        Ticket.number_hash == request.number_hash,
        Ticket.merged_into.is_(None),
        Ticket.category.not_in(UNASKED),
    )
