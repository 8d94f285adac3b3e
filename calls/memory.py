"""The area that a caller asked us to remember, kept by a pseudonym of the number."""

from collections.abc import Callable
from datetime import UTC, datetime

from calls.models import RememberedCaller
from calls.privacy import pseudonym
from storage.database import Database


def _now() -> datetime:
    return datetime.now(UTC)


class CallerMemory:
    """Only those who consented are in it."""

    def __init__(self, db: Database, secret: str, now: Callable[[], datetime] = _now) -> None:
        self._db = db
        self._secret = secret
        self._now = now

    async def area_of(self, number: str) -> int | None:
        async with self._db.reading() as session:
            remembered = await session.get(RememberedCaller, pseudonym(number, self._secret))
            return remembered.area_id if remembered else None

    async def remember(self, number: str, area_id: int) -> None:
        """Called with the caller's consent; replaces what was remembered before."""
        async with self._db.session() as session:
            caller = RememberedCaller(
                caller_hash=pseudonym(number, self._secret), area_id=area_id, consented_at=self._now()
            )
            await session.merge(caller)
            await session.commit()

    async def forget(self, number: str) -> bool:
        """Consent was withdrawn; whether anything was remembered."""
        async with self._db.session() as session:
            remembered = await session.get(RememberedCaller, pseudonym(number, self._secret))
            if remembered:
                await session.delete(remembered)
                await session.commit()
        return remembered is not None
