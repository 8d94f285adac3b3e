"""Those who say that the water is not back: enough of them from one place, and the operators are asked to look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notices.models import Doubt, StillOff
from outages.errors import OutageError
from outages.models import Area
from outages.recording import touch_board
from outages.telling import DOUBTED
from outbox import service as outbox


@dataclass(frozen=True, slots=True)
class Enough:
    """When a restoration is doubted."""

    people: int = 3
    """Different numbers of one place."""
    minutes: int = 60

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class Doubts:
    """Work in one session. Nothing here commits, and nothing here changes an outage: people do."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], enough: Enough) -> None:
        self._session, self._now, self._enough = session, now, enough

    async def still_off(self, outage_id: int, area_id: int, number_hash: str) -> Doubt | None:
        """Keep one answer; the doubt that it raises or strengthens, if it does."""
        session, now = self._session, self._now()
        where = (StillOff.outage_id == outage_id, StillOff.area_id == area_id)
        # whoever answers for the same place at this moment comes after us, and counts us
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(select(Area.id).where(Area.id == area_id).with_for_update(key_share=True))
        answer = await session.scalar(select(StillOff).where(*where, StillOff.number_hash == number_hash))
        if answer is None:
            answer = StillOff(outage_id=outage_id, area_id=area_id, number_hash=number_hash)
            session.add(answer)
        answer.at = now
        await session.flush()
        counted = select(func.count(), func.min(StillOff.at)).where(*where, StillOff.at > now - self._enough.span)
        people, since = (await session.execute(counted)).one()
        return await self._doubt(outage_id, area_id, people, since)

    async def _doubt(self, outage_id: int, area_id: int, people: int, since: datetime) -> Doubt | None:
        session, now = self._session, self._now()
        known = await session.scalar(select(Doubt).where(Doubt.outage_id == outage_id, Doubt.area_id == area_id))
        if known is None and people < self._enough.people:
            return None
        if known:
            known.people = max(known.people, people)
        else:
            known = Doubt(outage_id=outage_id, area_id=area_id, people=people, since=since, raised=now)
            session.add(known)
            await self._tell(known)
        # the operators' board shows it at once
        await touch_board(session)
        return known

    async def _tell(self, doubt: Doubt) -> None:
        area = await self._session.get(Area, doubt.area_id)
        district = await self._session.get(Area, area.district_id) if area and area.district_id else None
        payload = {
            "id": doubt.outage_id,
            "area_id": doubt.area_id,
            "name": area.name if area else None,
            "district": district.name if district else None,
            "people": doubt.people,
            "minutes": self._enough.minutes,
            "since": doubt.since.isoformat(),
            "link": f"/kesinti/{doubt.outage_id}",
        }
        key = f"outage-doubted-{doubt.outage_id}-{doubt.area_id}"
        await outbox.post(self._session, self._now, DOUBTED, payload, key=key)


async def open_doubts(session: AsyncSession) -> Sequence[Doubt]:
    """Those that nobody has looked into, the strongest first."""
    unsettled = select(Doubt).where(Doubt.settled.is_(None))
    return (await session.scalars(unsettled.order_by(Doubt.people.desc(), Doubt.raised, Doubt.id))).all()


async def settle(session: AsyncSession, doubt_id: int, who: str, now: datetime) -> Doubt:
    """Somebody looks into it. Raises `doubt_gone` when somebody else does already."""
    doubt = await session.get(Doubt, doubt_id, with_for_update=True)
    if doubt is None or doubt.settled:
        raise OutageError("Somebody has looked into this already.", "doubt_gone")
    doubt.settled, doubt.settled_by = now, who[:120]
    await touch_board(session)
    return doubt
