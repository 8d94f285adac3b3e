"""Places in the agents' queue that are kept for those who would rather be called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.kinds import OPEN, PLANNED, Language, State, Why
from dialling.models import KeptPlace, OutboundCall
from dialling.service import CallBacks, Wanted, finish

PRIORITY = 5
"""Who waits for a person is called before those who are asked something."""
MOST = 200
SHOWN_FOR = timedelta(hours=1)
"""After somebody took it: they need the number while they call."""
Kept = tuple[OutboundCall, KeptPlace]


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
    until: datetime | None = None,
) -> OutboundCall:
    """The call that is made when the place's turn comes. The caller commits; asked twice, the first place counts."""
    wanted = Wanted(Why.queue_callback, call, number, language=language, priority=PRIORITY, due=due, until=until)
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


async def open_places(session: AsyncSession) -> Sequence[Kept]:
    """Those that are not settled, in the order of the queue."""
    return await _found(session, _places().where(OutboundCall.state.in_(OPEN)))


async def on_the_desk(session: AsyncSession, now: datetime) -> Sequence[Kept]:
    """Those whose turn comes, those not reached until somebody takes them, and for a while whom somebody calls."""
    unhandled = and_(OutboundCall.state.in_((*OPEN, State.given_up)), KeptPlace.handled.is_(None))
    wanted = or_(unhandled, KeptPlace.handled > now - SHOWN_FOR)
    return await _found(session, _places().where(wanted, OutboundCall.number.is_not(None)).limit(MOST))


async def take_by_hand(session: AsyncSession, call_id: int, who: str, now: datetime) -> None:
    """Somebody calls this citizen themselves: the dialler leaves them alone. Raises `unknown_place`."""
    call = await session.get(OutboundCall, call_id, with_for_update=True, populate_existing=True)
    place = await session.get(KeptPlace, call_id, populate_existing=True)
    free = call and call.state in (*PLANNED, State.given_up)
    if call is None or place is None or place.handled or not free:
        raise DiallingError("Somebody has called already, or is being connected now.", "unknown_place")
    place.handled, place.handled_by = now, who
    if call.state != State.given_up:
        await finish(session, call, State.cancelled, now)


async def _found(session: AsyncSession, query: Select[OutboundCall, KeptPlace]) -> Sequence[Kept]:
    return [(call, place) for call, place in await session.execute(query)]


def _places() -> Select[OutboundCall, KeptPlace]:
    query = select(OutboundCall, KeptPlace).join(KeptPlace, KeptPlace.outbound_id == OutboundCall.id)
    return query.order_by(KeptPlace.urgency.desc(), KeptPlace.joined, KeptPlace.outbound_id)
