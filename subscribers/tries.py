"""Who types one subscriber number after another is told of no more places for a while."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Database
from subscribers.keys import pseudonym
from subscribers.models import NumberTries

SPAN = timedelta(hours=1)
MOST = 10
"""Numbers that one caller may type in that time, in all calls."""
MOST_WITHHELD = 60
"""That all callers without a number may type together."""
WITHHELD = "withheld"


class Tries:
    """Counted in the database, so that every process counts alike; counted before it is looked up."""

    def __init__(self, db: Database, now: Callable[[], datetime], secret: str) -> None:
        self._db, self._now, self._secret = db, now, secret

    async def admit(self, caller: str | None) -> bool:
        """Count one more; whether it may be looked up. `caller` in E.164."""
        key = pseudonym(caller, self._secret) if caller else WITHHELD
        at = self._now()
        upsert = postgresql.insert if self._db.dialect == "postgresql" else sqlite.insert
        row = upsert(NumberTries).values(caller=key, tries=0, since=at).on_conflict_do_nothing()
        async with self._db.session() as session:
            await session.execute(delete(NumberTries).where(NumberTries.since <= at - SPAN))
            await session.execute(row)
            held = (await session.scalars(select(NumberTries).where(NumberTries.caller == key).with_for_update())).one()
            held.tries += 1
            tries = held.tries
            await session.commit()
        return tries <= (MOST if caller else MOST_WITHHELD)

    async def forget(self, caller: str) -> None:
        async with self._db.session() as session:
            await session.execute(delete(NumberTries).where(NumberTries.caller == pseudonym(caller, self._secret)))
            await session.commit()
