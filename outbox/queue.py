"""Whose turn it is: one process at a time per endpoint, its events in the order in which they happened."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.backoff import PATIENT, given_up, pause
from outbox.models import Attempt, Delivery, Endpoint, Message, State
from outbox.posting import Outcome

LEASE = timedelta(seconds=60)
"""Longer than an attempt can take, so that no two processes ever send to one endpoint at once."""
AHEAD = 200
"""How many waiting deliveries of an endpoint are looked at."""
KEEP = timedelta(days=30)
GONE = "The receiver answered 410: it wants no more messages."


class Waiting(NamedTuple):
    id: int
    attempts: int
    due: datetime


async def endpoints_waiting(session: AsyncSession, now: datetime) -> tuple[list[int], datetime | None]:
    """Endpoints that can be sent to now and that no process holds, and when the next one can.

    Who holds one may have died: then it can be sent to when the lease is over.
    """
    waiting = select(Delivery.endpoint_id).where(Delivery.state == State.waiting)
    query = select(Endpoint.id, Endpoint.leased_until).where(Endpoint.active, Endpoint.id.in_(waiting))
    ready, later = [], []
    for endpoint_id, leased_until in (await session.execute(query)).all():
        if leased_until and leased_until > now:
            later.append(leased_until)
            continue
        turn = next_turn(await _waiting(session, endpoint_id), now)
        if turn and turn.due <= now:
            ready.append(endpoint_id)
        elif turn:
            later.append(turn.due)
    return ready, min(later, default=None)


def next_turn(waiting: Sequence[Waiting], now: datetime) -> Waiting | None:
    """What is sent next, oldest first; one that has failed for long lets the others pass."""
    soonest: Waiting | None = None
    for delivery in waiting:
        if delivery.due <= now:
            return delivery
        if soonest is None or delivery.due < soonest.due:
            soonest = delivery
        if delivery.attempts < PATIENT:
            return soonest
    return soonest


async def hold(session: AsyncSession, endpoint_id: int, holder: str, now: datetime) -> bool:
    """Take the endpoint's lease or prolong it; false where another process has it."""
    free = or_(Endpoint.leased_by == holder, Endpoint.leased_until.is_(None), Endpoint.leased_until <= now)
    taken = await session.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.active, free)
        .values(leased_by=holder, leased_until=now + LEASE)
    )
    return cast(CursorResult[Any], taken).rowcount == 1


async def let_go(session: AsyncSession, endpoint_id: int, holder: str) -> None:
    held = (Endpoint.id == endpoint_id, Endpoint.leased_by == holder)
    await session.execute(update(Endpoint).where(*held).values(leased_by=None, leased_until=None))


async def next_delivery(session: AsyncSession, endpoint_id: int, now: datetime) -> Delivery | None:
    turn = next_turn(await _waiting(session, endpoint_id), now)
    return await session.get(Delivery, turn.id) if turn and turn.due <= now else None


async def record(
    session: AsyncSession, delivery_id: int, outcome: Outcome, now: datetime, chance: Callable[[], float]
) -> None:
    """Write the attempt into the log and settle the delivery, or say when it is tried again."""
    delivery = await session.get(Delivery, delivery_id)
    if delivery is None:
        return
    delivery.attempts += 1
    session.add(await _attempt(session, delivery_id, outcome, now))
    if outcome.delivered:
        delivery.state, delivery.settled, delivery.note = State.delivered, now, None
    elif outcome.gone:
        await session.flush()
        await switch_off(session, delivery.endpoint_id, GONE, now)
    elif given_up(delivery.since, now):
        delivery.state, delivery.settled = State.dead, now
        delivery.note = f"Given up after {delivery.attempts} attempts in 3 days."
    else:
        delivery.due = now + pause(delivery.attempts, chance, outcome.retry_after)


async def switch_off(session: AsyncSession, endpoint_id: int, note: str, now: datetime) -> None:
    """Send nothing more, nor what waits."""
    await session.execute(update(Endpoint).where(Endpoint.id == endpoint_id).values(active=False, note=note))
    await session.execute(
        update(Delivery)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.state == State.waiting)
        .values(state=State.dead, settled=now, note=note)
    )


async def purge(session: AsyncSession, now: datetime) -> None:
    """Remove old events that nothing waits for, with their log."""
    waits = exists().where(Delivery.message_id == Message.id, Delivery.state == State.waiting)
    await session.execute(delete(Message).where(Message.posted < now - KEEP, ~waits))


async def _waiting(session: AsyncSession, endpoint_id: int) -> list[Waiting]:
    query = (
        select(Delivery.id, Delivery.attempts, Delivery.due)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.state == State.waiting)
        .order_by(Delivery.id)
        .limit(AHEAD)
    )
    return [Waiting(*row) for row in (await session.execute(query)).all()]


async def _attempt(session: AsyncSession, delivery_id: int, outcome: Outcome, now: datetime) -> Attempt:
    last = await session.scalar(select(func.max(Attempt.number)).where(Attempt.delivery_id == delivery_id))
    return Attempt(
        delivery_id=delivery_id,
        number=(last or 0) + 1,
        at=now,
        status=outcome.status,
        ms=outcome.ms,
        answer=outcome.answer or None,
        problem=outcome.problem,
    )
