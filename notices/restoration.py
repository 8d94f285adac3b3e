"""Callers who want to know when the water is back. Nothing here commits: the edge does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from notices.consent import SPOKEN
from notices.models import RestorationRequest, Source, StillOff
from storage.database import Database


class Restorations:
    """Work on those requests in one session. Numbers come with their pseudonyms, which the caller makes."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime]) -> None:
        self._session, self._now = session, now

    async def ask(
        self, outage_id: int, area_id: int, number: str, number_hash: str, *, language: str, source: Source = "phone"
    ) -> RestorationRequest:
        """One request for a number and an outage, however often it is made."""
        found = await self._session.scalar(
            select(RestorationRequest).where(
                RestorationRequest.outage_id == outage_id, RestorationRequest.number_hash == number_hash
            )
        )
        request = found or RestorationRequest(outage_id=outage_id, number=number, number_hash=number_hash)
        request.area_id, request.language = area_id, language
        request.consent_version, request.consent_source, request.consented = SPOKEN, source, self._now()
        if found is None:
            self._session.add(request)
        await self._session.flush()
        return request

    async def forget(self, number_hash: str) -> int:
        """A number's requests and answers; how many requests there were."""
        gone = await self._session.scalars(
            delete(RestorationRequest)
            .where(RestorationRequest.number_hash == number_hash)
            .returning(RestorationRequest.id)
        )
        count = len(gone.all())
        await self._session.execute(delete(StillOff).where(StillOff.number_hash == number_hash))
        return count


async def forget_settled(db: Database, now: datetime, after: timedelta) -> None:
    """What was settled, and what was answered, long enough ago."""
    async with db.session() as session:
        await session.execute(delete(RestorationRequest).where(RestorationRequest.settled < now - after))
        await session.execute(delete(StillOff).where(StillOff.at < now - after))
        await session.commit()
