"""Personal data of calls to citizens has a time to live; that, why and how they were made is kept for ever."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import OPEN, State
from dialling.models import CallAttempt, OutboundCall
from storage.database import Database

NOBODY = ""


async def forget_called(db: Database, now: datetime, after: timedelta) -> None:
    """Empty numbers, pseudonyms, what was heard and pressed, of calls that were settled long enough ago."""
    old = (OutboundCall.state.not_in(OPEN), OutboundCall.finished < now - after, OutboundCall.number_hash != NOBODY)
    calls = select(OutboundCall.id).where(*old).scalar_subquery()
    gone = {"number_hash": NOBODY, "heard": None, "keys": None}
    async with db.session() as session:
        await session.execute(update(CallAttempt).where(CallAttempt.outbound_id.in_(calls)).values(gone))
        await session.execute(update(OutboundCall).where(*old).values(number=None, number_hash=NOBODY))
        await session.commit()


async def forget_one(session: AsyncSession, number_hash: str, now: datetime) -> int:
    """All of one number, planned calls too: they are called off. The caller commits; how many calls that were.

    A call that rings at this moment keeps its pseudonym until its time is up, but is never dialled again.
    """
    found = select(OutboundCall).where(OutboundCall.number_hash == number_hash).order_by(OutboundCall.id)
    calls = list(await session.scalars(found.with_for_update()))
    for call in calls:
        call.number = None
        if call.state in (State.behind, State.waiting, State.claimed):
            call.state, call.finished, call.worker, call.lease = State.cancelled, now, None, None
    await session.flush()
    over = [call for call in calls if call.state not in OPEN]
    for call in over:
        call.number_hash = NOBODY
    attempts = update(CallAttempt).where(CallAttempt.outbound_id.in_([call.id for call in over]))
    await session.execute(attempts.values(number_hash=NOBODY, heard=None, keys=None))
    return len(calls)
