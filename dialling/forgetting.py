"""Personal data of calls to citizens has a time to live; that, why and how they were made is kept for ever."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import ON_THE_LINE, OPEN, State
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


async def forget_number(session: AsyncSession, number_hash: str, now: datetime) -> int:
    """Call a number no more and forget that it was called; how many calls there were. The caller commits.

    A call that runs at this moment keeps its number until it has ended and its own time is up.
    """
    calls = list(await session.scalars(select(OutboundCall).where(OutboundCall.number_hash == number_hash)))
    over = [call for call in calls if call.state not in ON_THE_LINE]
    for call in over:
        if call.state in OPEN:
            call.state, call.finished, call.worker, call.lease = State.cancelled, now, None, None
        call.number, call.number_hash = None, NOBODY
    gone = {"number_hash": NOBODY, "heard": None, "keys": None}
    which = CallAttempt.outbound_id.in_([call.id for call in over])
    await session.execute(update(CallAttempt).where(which).values(gone))
    return len(over)
