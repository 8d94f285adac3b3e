"""Places in the agents' queue that are kept for those who would rather be called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import Language, State, Why
from dialling.models import KeptPlace, OutboundCall
from dialling.service import CallBacks, Wanted

PRIORITY = 5
"""Who waits for a person is called before those who are asked something."""


@dataclass(frozen=True, slots=True)
class Place:
    """What goes with a caller out of the queue, and back into it."""

    joined: datetime
    reason: str = "queue_callback"
    area: str | None = None
    ticket: str | None = None
    urgency: int = 0


async def keep(
    session: AsyncSession,
    now: Callable[[], datetime],
    secret: str,
    *,
    call: str,
    number: str,
    language: Language,
    place: Place,
    due: datetime | None = None,
) -> OutboundCall:
    """The call that is made when the place's turn comes. The caller commits; asked twice, the first place counts."""
    wanted = Wanted(Why.queue_callback, call, number, language=language, priority=PRIORITY, due=due)
    made = await CallBacks(session, now, secret).ask(wanted)
    if await session.get(KeptPlace, made.id) is None:
        kept = (place.reason[:40], place.area and place.area[:100], place.ticket, place.urgency)
        names = ("reason", "area", "ticket", "urgency")
        session.add(KeptPlace(outbound_id=made.id, joined=place.joined, **dict(zip(names, kept, strict=True))))
        await session.flush()
    return made


async def place_of(session: AsyncSession, outbound_id: int) -> Place | None:
    kept = await session.get(KeptPlace, outbound_id)
    return Place(kept.joined, kept.reason, kept.area, kept.ticket, kept.urgency) if kept else None


async def waiting(session: AsyncSession) -> int:
    """How many wait for their turn, or are being rung for it."""
    states = (State.waiting, State.claimed, State.dialling)
    counted = select(func.count()).where(OutboundCall.why == Why.queue_callback, OutboundCall.state.in_(states))
    return int(await session.scalar(counted) or 0)
