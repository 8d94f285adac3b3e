"""Watches the clock for every open ticket: sends, warns, notes what is late, and asks the next on the chain."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from outages.life import Life
from outages.models import Outage
from storage.database import Database
from storage.errors import StorageError
from storage.notices import Notices
from tickets import asking, dispatch, levels
from tickets.history import note_down
from tickets.life import OPEN, Move, State, after
from tickets.models import Ticket, TicketClock
from tickets.telling import Teller
from tickets.unit_models import ChainStep, Unit
from tickets.waking import CHANNEL

log = logging.getLogger(__name__)

LONGEST_PAUSE, HELD_BY_ANOTHER, AFTER_TROUBLE = 30.0, 5.0, 2.0
"""Seconds between two looks: when nothing is due, when somebody has in hand what is, and when the database was away."""
AFTER_FAILURE = timedelta(minutes=5)
"""How long a ticket that breaks the watch is left alone, so that the others get their turn."""
AT_ONCE = 200
Work = Callable[[AsyncSession, Ticket], Awaitable[None]]


class TicketWatch:
    """One for each process. A ticket's row is held while it is looked at and passed over by all others; what is told
    goes into the outbox in the same transaction, so that a look that breaks off leaves nothing half done."""

    def __init__(self, db: Database, teller: Teller) -> None:
        self._db, self._teller = db, teller

    async def run(self) -> None:
        """Until cancelled."""
        async with Notices(self._db, CHANNEL) as notices:
            while True:
                try:
                    await self.turn()
                    pause = await self.until_due()
                except (StorageError, SQLAlchemyError, OSError) as error:
                    log.warning("tickets wait for the database: %s", error)
                    await asyncio.sleep(AFTER_TROUBLE)
                else:
                    await notices.next(pause)

    async def turn(self) -> int:
        """Do all that is due now; returns how many tickets were looked at."""
        async with self._db.reading() as session:
            over = (await session.scalars(_outage_over().limit(AT_ONCE))).all()
            due = select(Ticket.id).where(Ticket.look_at <= self._teller.now()).order_by(Ticket.look_at, Ticket.id)
            late = (await session.scalars(due.limit(AT_ONCE))).all()
        done = [await self._safely(ticket_id, self._after_outage) for ticket_id in over]
        done += [await self._safely(ticket_id, self._look) for ticket_id in late]
        return sum(done)

    async def until_due(self) -> float:
        """Seconds until there is something to do, should nothing happen before."""
        async with self._db.reading() as session:
            soonest = await session.scalar(select(func.min(Ticket.look_at)))
        if soonest is None:
            return LONGEST_PAUSE
        pause = (soonest - self._teller.now()).total_seconds()
        return min(pause, LONGEST_PAUSE) if pause > 0 else HELD_BY_ANOTHER

    async def _safely(self, ticket_id: int, work: Work) -> bool:
        try:
            return await self._hold(ticket_id, work)
        except StorageError:
            raise
        except Exception:  # one broken ticket must not keep the others from their units
            log.exception("ticket %d cannot be watched; it is tried again later", ticket_id)
            async with self._db.session() as session:
                later = self._teller.now() + AFTER_FAILURE
                await session.execute(
                    update(Ticket).where(Ticket.id == ticket_id, Ticket.outage_id.is_(None)).values(look_at=later)
                )
                await session.commit()
            return False

    async def _hold(self, ticket_id: int, work: Work) -> bool:
        async with self._db.session() as session:
            query = select(Ticket).where(Ticket.id == ticket_id).with_for_update(skip_locked=True)
            ticket = await session.scalar(query)
            if ticket is None:
                return False  # somebody else has it in hand
            await work(session, ticket)
            await session.commit()
            return True

    async def _look(self, session: AsyncSession, ticket: Ticket) -> None:
        at = self._teller.now()
        if ticket.look_at is None or ticket.look_at > at:
            return  # another process was quicker
        if ticket.state in OPEN and not ticket.merged_into and not ticket.outage_id:
            if ticket.state in (State.new, State.reopened):
                await dispatch.send(session, self._teller, ticket)
            await self._promises(session, ticket)
            if ticket.state is State.sent and ticket.answer_by and ticket.answer_by <= at:
                await dispatch.next_on_chain(session, self._teller, ticket)
        await dispatch.plan(session, ticket, at)

    async def _promises(self, session: AsyncSession, ticket: Ticket) -> None:
        """Warn before each, once; note it when it is broken, once."""
        at = self._teller.now()
        for clock in await levels.clocks(session, ticket):
            if clock.met or clock.breached:
                continue
            if clock.due <= at:
                clock.breached = clock.due
                await self._about(session, ticket, clock, "breached")
            elif clock.warn_at <= at and clock.warned is None:
                clock.warned = at
                await self._about(session, ticket, clock, "warned")

    async def _about(self, session: AsyncSession, ticket: Ticket, clock: TicketClock, kind: str) -> None:
        at, due = self._teller.now(), (clock.promise, clock.due)
        await note_down(
            session, ticket, at, "system", kind, reason=clock.promise, due=clock.due.isoformat(), round=clock.round
        )
        unit = await session.get(Unit, ticket.unit_id) if ticket.unit_id else None
        if unit is None:
            return
        await self._teller.tell(session, ticket, kind, unit, due=due)
        first = select(ChainStep).where(ChainStep.unit_id == unit.id).order_by(ChainStep.position).limit(1)
        if kind == "breached" and (step := await session.scalar(first)):
            await self._teller.tell(session, ticket, kind, unit, step, due)

    async def _after_outage(self, session: AsyncSession, ticket: Ticket) -> None:
        """Restored: the citizen is asked. Cancelled: it is a ticket like any other again."""
        outage = await session.get(Outage, ticket.outage_id) if ticket.outage_id else None
        if outage is None or ticket.state not in OPEN or ticket.merged_into:
            return
        at = self._teller.now()
        if outage.life is Life.restored:
            state = after(ticket.state, Move.restored)
            await note_down(
                session, ticket, at, "system", Move.restored, after=state, reason="outage_over", outage=outage.id
            )
            await asking.moved(session, self._teller.asking, ticket, Move.restored, at)
        elif outage.life is Life.cancelled:
            ticket.outage_id = None
            await note_down(session, ticket, at, "system", "detached", reason="outage_cancelled", outage=outage.id)
        await dispatch.plan(session, ticket, at)
        if ticket.look_at:
            ticket.look_at = at


def _outage_over() -> Select[Any]:
    ended = Outage.life.in_((Life.restored, Life.cancelled))
    waiting = (Ticket.state.in_(OPEN), Ticket.merged_into.is_(None))
    return select(Ticket.id).join(Outage, Outage.id == Ticket.outage_id).where(ended, *waiting).order_by(Ticket.id)
