"""Personal data of calls to citizens has a time to live; that, why and how they were made is kept for ever."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from dialling.kinds import OPEN
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
