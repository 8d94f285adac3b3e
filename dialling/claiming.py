"""Which calls a worker takes from the list next. The caller of these commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import ON_THE_LINE, State, Why
from dialling.leases import left_ringing
from dialling.models import KeptPlace, OutboundCall

CLAIMED_FOR = timedelta(seconds=20)
"""From the claim to the dialling; then another worker takes over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is in the agents' queue: no more than agents are free, nobody before those who hold the line."""

    agents: int = 0
    before: datetime | None = None
    """When the one who has held the line longest joined; None when nobody does."""


async def claim(
    session: AsyncSession,
    worker: str,
    now: datetime,
    most: int,
    turn: Turn | None = None,
    *,
    hours: bool = True,
) -> list[int]:
    """The most urgent calls that are due, and those whose worker died before it dialled.

    `turn`: for those who kept a place; without one they are claimed like all others. `hours`: whether others may be.
    """
    if turn is None:
        return await _claim(session, worker, now, most, [] if hours else [OutboundCall.why == Why.queue_callback])
    ringing = OutboundCall.state.in_((State.claimed, *ON_THE_LINE)), OutboundCall.lease > now
    kept = select(func.count()).where(OutboundCall.why == Why.queue_callback, *ringing)
    free = max(0, turn.agents - int(await session.scalar(kept) or 0))
    in_turn = [OutboundCall.why == Why.queue_callback]
    if turn.before:
        earlier = select(KeptPlace.outbound_id).where(KeptPlace.joined <= turn.before)
        in_turn.append(OutboundCall.id.in_(earlier))
    claimed = await _claim(session, worker, now, min(most, free), in_turn) if free else []
    if hours and len(claimed) < most:
        others = [OutboundCall.why != Why.queue_callback]
        claimed += await _claim(session, worker, now, most - len(claimed), others)
    return claimed


async def _claim(
    session: AsyncSession, worker: str, now: datetime, most: int, which: Sequence[ColumnElement[bool]]
) -> list[int]:
    free = and_(OutboundCall.state == State.waiting, OutboundCall.due <= now)
    orphaned = and_(OutboundCall.state == State.claimed, OutboundCall.lease <= now)
    found = await session.scalars(
        select(OutboundCall)
        .outerjoin(KeptPlace, KeptPlace.outbound_id == OutboundCall.id)
        .where(or_(free, orphaned), *which)
        .order_by(
            OutboundCall.priority.desc(),
            func.coalesce(KeptPlace.urgency, 0).desc(),
            func.coalesce(KeptPlace.joined, OutboundCall.due),
            OutboundCall.id,
        )
        .limit(most)
        .with_for_update(skip_locked=True, of=OutboundCall)
    )
    calls = list(found)
    for call in calls:
        call.state, call.worker, call.lease = State.claimed, worker, now + CLAIMED_FOR
    return [call.id for call in calls]


async def on_the_line(session: AsyncSession, now: datetime) -> tuple[int, int]:
    """How many calls ring, those of dead workers too, and how many are being spoken in."""
    counted = select(OutboundCall.state, func.count()).where(OutboundCall.state.in_(ON_THE_LINE))
    numbers: dict[str, int] = dict((await session.execute(counted.group_by(OutboundCall.state))).all())
    ringing = numbers.get(State.dialling, 0) + await left_ringing(session, now)
    return ringing, numbers.get(State.answered, 0)
