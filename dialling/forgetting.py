"""Personal data of calls to citizens has a time to live; that, why and how they were made is kept for ever."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import ON_THE_LINE, OPEN, State
from dialling.models import CallAttempt, OutboundCall
from dialling.service import finish
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
    """Who asks is forgotten at once and called no more about anything; how many calls were about them.

    A call that rings or is talked in keeps its pseudonym until it has ended and its time is up. The caller commits.
    """
    of_number = select(OutboundCall).where(OutboundCall.number_hash == number_hash).with_for_update()
    calls = list(await session.scalars(of_number))
    for call in calls:
        call.number = None
        if call.state in OPEN and call.state not in ON_THE_LINE:
            await finish(session, call, State.cancelled, now)
    over = [call.id for call in calls if call.state not in ON_THE_LINE]
    gone = {"number_hash": NOBODY, "heard": None, "keys": None}
    await session.execute(update(CallAttempt).where(CallAttempt.outbound_id.in_(over)).values(gone))
    await session.execute(update(OutboundCall).where(OutboundCall.id.in_(over)).values(number_hash=NOBODY))
    return len(calls)
