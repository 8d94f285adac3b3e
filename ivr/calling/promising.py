"""What a caller may be promised on the telephone: a call when the water is back."""

from collections.abc import Callable
from datetime import datetime

from callflows.desk import Wish
from dialling.errors import DiallingError
from dialling.kinds import Why
from dialling.numbers import callable_number, pseudonym
from dialling.service import opted_out
from notices.restoration import Restorations
from storage.database import Database


class Promises:
    """`secret`: of pseudonyms of numbers."""

    def __init__(self, db: Database, now: Callable[[], datetime], secret: str) -> None:
        self._db, self._now, self._secret = db, now, secret

    def may_call(self, number: str | None) -> bool:
        """Whether the number is one that is called at all."""
        try:
            return number is not None and bool(callable_number(number))
        except DiallingError:
            return False

    async def keep(self, wish: Wish) -> bool:
        """Committed when this returns; False for a number whose owner wants no calls."""
        number = callable_number(wish.number)
        hashed = pseudonym(number, self._secret)
        async with self._db.session() as session:
            if await opted_out(session, hashed, Why.restoration):
                return False
            restorations = Restorations(session, self._now)
            await restorations.ask(wish.outage_id, wish.area_id, number, hashed, language=wish.language)
            await session.commit()
        return True
