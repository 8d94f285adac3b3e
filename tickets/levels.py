"""Service levels: by when a ticket is to be accepted, visited and solved, and how far that is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.kinds import Category, Urgency
from tickets.life import State
from tickets.models import Ticket, TicketClock
from tickets.unit_models import ServiceLevel, Unit
from tickets.working_time import Calendar, calendar

WARN_AT = 0.75
"""Share of the time after which somebody is warned."""
PROMISES = ("answer", "site", "solution")
_MET_BY = {
    "answer": (State.accepted, State.on_the_way, State.on_site, State.done, State.confirming, State.closed),
    "site": (State.on_site, State.done, State.confirming, State.closed),
    "solution": (State.done, State.confirming, State.closed),
}


async def level_of(session: AsyncSession, category: Category, urgency: Urgency) -> ServiceLevel | None:
    query = select(ServiceLevel).where(
        ServiceLevel.urgency == urgency, or_(ServiceLevel.category == category, ServiceLevel.category.is_(None))
    )
    rows = sorted(await session.scalars(query), key=lambda row: (row.category is None, row.id))
    return rows[0] if rows else None


async def start_clocks(session: AsyncSession, ticket: Ticket, unit: Unit | None, at: datetime, zone: ZoneInfo) -> None:
    """Promise anew for this round; promises that are already kept or broken stay as they are."""
    level = await level_of(session, ticket.category, ticket.urgency)
    if level is None:
        return
    since = ticket.opened if ticket.round == 1 else at
    counts = calendar(None if level.always or unit is None else unit.week, zone)
    present = {clock.promise: clock for clock in await clocks(session, ticket)}
    minutes = (level.answer_minutes, level.site_minutes, level.solution_minutes)
    for promise, allowed in zip(PROMISES, minutes, strict=True):
        clock = present.get(promise)
        if allowed is None:
            if clock and clock.met is None and clock.breached is None:
                await session.delete(clock)
        elif clock is None:
            session.add(
                _set(TicketClock(ticket_id=ticket.id, round=ticket.round, promise=promise), counts, since, allowed)
            )
        elif clock.met is None and clock.breached is None:
            _set(clock, counts, since, allowed)
    await session.flush()


async def clocks(session: AsyncSession, ticket: Ticket) -> Sequence[TicketClock]:
    """Of the present round."""
    query = select(TicketClock).where(TicketClock.ticket_id == ticket.id, TicketClock.round == ticket.round)
    return (await session.scalars(query.order_by(TicketClock.id))).all()


async def meet(session: AsyncSession, ticket: Ticket, at: datetime) -> None:
    """What the ticket's state shows to be done is done."""
    for clock in await clocks(session, ticket):
        if clock.met is None and ticket.state in _MET_BY[clock.promise]:
            clock.met = at


def next_moment(running: Iterable[TicketClock]) -> datetime | None:
    """When the next of these has to be looked at."""
    moments = [
        clock.due if clock.warned else clock.warn_at
        for clock in running
        if clock.met is None and clock.breached is None
    ]
    return min(moments, default=None)


def _set(clock: TicketClock, counts: Calendar, since: datetime, minutes: int) -> TicketClock:
    clock.warn_at = counts.after(since, timedelta(minutes=minutes * WARN_AT))
    clock.due = counts.after(since, timedelta(minutes=minutes))
    return clock
