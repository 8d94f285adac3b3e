"""A number that is forgotten is called no more, and nothing of its calls tells who it was."""

from datetime import datetime

from dialling.forgetting import forget_one
from notices.restoration import Restorations
from storage.database import Database


async def forget_number(db: Database, now: datetime, number_hash: str) -> int:
    """Planned calls are called off, settled ones emptied; how many calls that were."""
    async with db.session() as session:
        await Restorations(session, lambda: now).forget(number_hash)
        calls = await forget_one(session, number_hash, now)
        await session.commit()
    return calls
