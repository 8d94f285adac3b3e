"""Who gets reports by mail: units at their own addresses, and whoever is to see the whole house."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.mail import checked_address
from people.audit import record
from reports.errors import ReportError
from reports.models import HOUSE, ReportReader, ReportRun, ReportSettings
from reports.period import Length
from tickets.unit_models import Unit

MOST = 100
_READS = {Length.day: "daily", Length.week: "weekly", Length.month: "monthly"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which reports somebody wants."""

    daily: bool = False
    weekly: bool = False
    monthly: bool = False


async def scopes(session: AsyncSession) -> list[str]:
    """Of which reports there are: the house's, and that of each unit at work."""
    units = await session.scalars(select(Unit.id).where(Unit.active).order_by(Unit.id))
    return [HOUSE, *(f"unit:{unit}" for unit in units)]


async def addresses(session: AsyncSession, length: Length, unit_id: int | None) -> list[str]:
    """Who gets the report of a unit, or of the house."""
    if unit_id is None:
        wanted = getattr(ReportReader, _READS[length])
        return list(await session.scalars(select(ReportReader.address).where(wanted).order_by(ReportReader.id)))
    settings = await session.get_one(ReportSettings, 1)
    if not getattr(settings, f"units_{_READS[length]}"):
        return []
    unit = await session.get(Unit, unit_id)
    return [unit.email] if unit and unit.active and unit.email else []


class Readers:
    """One person's work on them; they commit."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self._session, self._now, self._who = session, now, who

    async def all(self) -> Sequence[ReportReader]:
        return (await self._session.scalars(select(ReportReader).order_by(ReportReader.address))).all()

    async def settings(self) -> ReportSettings:
        return await self._session.get_one(ReportSettings, 1)

    async def waiting(self, limit: int = 10) -> Sequence[ReportRun]:
        """Reports that could not be made yet, with the reason."""
        query = select(ReportRun).where(ReportRun.settled.is_(None), ReportRun.problem.is_not(None))
        return (await self._session.scalars(query.order_by(ReportRun.first, ReportRun.id).limit(limit))).all()

    async def add(self, typed: str, wishes: Wishes) -> ReportReader:
        """Raises `bad_email`, `no_report_chosen` or `too_many_readers`. Who is there already is changed."""
        address = checked_address(typed)
        if wishes == Wishes():
            raise ReportError("Choose at least one report.", "no_report_chosen", "En az bir rapor seçin.")
        reader = await self._session.scalar(select(ReportReader).where(ReportReader.address == address))
        if reader is None:
            if await self._session.scalar(select(func.count()).select_from(ReportReader)) == MOST:
                raise ReportError(f"At most {MOST} addresses.", "too_many_readers", f"En çok {MOST} adres olabilir.")
            reader = ReportReader(address=address, added=self._now(), who=self._who)
            self._session.add(reader)
        reader.daily, reader.weekly, reader.monthly = wishes.daily, wishes.weekly, wishes.monthly
        await self._session.flush()
        await record(self._session, self._now, self._who, "report_reader_saved", f"report_reader:{reader.id}")
        return reader

    async def remove(self, reader_id: int) -> None:
        if reader := await self._session.get(ReportReader, reader_id):
            await self._session.delete(reader)
            await record(self._session, self._now, self._who, "report_reader_removed", f"report_reader:{reader_id}")

    async def set_units(self, wishes: Wishes) -> None:
        """Which reports units get."""
        settings = await self.settings()
        settings.units_daily, settings.units_weekly = wishes.daily, wishes.weekly
        settings.units_monthly = wishes.monthly
        told = {"daily": wishes.daily, "weekly": wishes.weekly, "monthly": wishes.monthly}
        await record(self._session, self._now, self._who, "report_units_changed", "setting:reports", **told)
