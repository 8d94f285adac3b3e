"""Sending a ticket to its unit, and to the next on the unit's chain when nobody accepts."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets import levels
from tickets.history import note_down
from tickets.life import OPEN, Move, State, after
from tickets.models import Ticket
from tickets.routing import PRESSING, Destination, destination
from tickets.telling import Teller
from tickets.unit_models import ChainStep, Unit
from tickets.working_time import calendar

NO_UNIT_AGAIN = timedelta(minutes=1)
"""How soon a ticket that no row of the table fits is looked at again."""


async def send(session: AsyncSession, teller: Teller, ticket: Ticket) -> bool:
    """To the unit that the table names; False where it names none."""
    at = teller.now()
    found = await destination(session, ticket.category, ticket.urgency, ticket.area_id, at, teller.zone)
    if found is None:
        if ticket.why != {}:  # said once, not every minute
            ticket.why = {}
            await note_down(session, ticket, at, "system", "no_unit")
        await levels.start_clocks(session, ticket, None, at, teller.zone)
        return False
    await hand_over(session, teller, ticket, found, "system")
    return True


async def hand_over(
    session: AsyncSession,
    teller: Teller,
    ticket: Ticket,
    to: Destination,
    who: str,
    *,
    move: Move = Move.send,
    note: str | None = None,
) -> None:
    """The ticket is this unit's from now on, and the unit is told."""
    at, again = teller.now(), ticket.state is State.reopened
    state = after(ticket.state, move, merged=bool(ticket.merged_into))
    ticket.unit_id, ticket.why, ticket.step = to.unit.id, to.why, 0
    await note_down(session, ticket, at, who, move, after=state, note=note, unit=to.unit.name, why=to.why)
    ticket.answer_by = _answer_by(ticket, to.unit, to.unit.answer_minutes, at, teller)
    await levels.start_clocks(session, ticket, to.unit, at, teller.zone)
    await teller.tell(session, ticket, "reopened" if again else "sent", to.unit)
    await plan(session, ticket, at)


async def next_on_chain(session: AsyncSession, teller: Teller, ticket: Ticket) -> None:
    """Nobody has accepted it in time."""
    at = teller.now()
    unit = await session.get_one(Unit, ticket.unit_id)
    step = await session.scalar(
        select(ChainStep)
        .where(ChainStep.unit_id == unit.id, ChainStep.position > ticket.step)
        .order_by(ChainStep.position)
        .limit(1)
    )
    if step is None:
        ticket.answer_by = None
        await note_down(session, ticket, at, "system", "chain_ended")
        return
    ticket.step, ticket.answer_by = step.position, _answer_by(ticket, unit, step.minutes, at, teller)
    await note_down(session, ticket, at, "system", "next_on_chain", step=step.position, to=step.name)
    await teller.tell(session, ticket, "next_on_chain", unit, step)


async def plan(session: AsyncSession, ticket: Ticket, at: datetime) -> None:
    """Write down what has been kept by now, and when the watch looks again."""
    await levels.meet(session, ticket, at)
    if ticket.state is not State.sent:
        ticket.answer_by = None
    if ticket.merged_into or ticket.outage_id or ticket.state not in OPEN:
        ticket.look_at = None
        return
    moments = [levels.next_moment(await levels.clocks(session, ticket)), ticket.answer_by]
    if ticket.state in (State.new, State.reopened):
        moments.append(at + NO_UNIT_AGAIN)
    ticket.look_at = min((moment for moment in moments if moment), default=None)


def _answer_by(ticket: Ticket, unit: Unit, minutes: int, at: datetime, teller: Teller) -> datetime:
    counts = calendar(None if ticket.urgency in PRESSING else unit.week, teller.zone)
    return counts.after(at, timedelta(minutes=minutes))
