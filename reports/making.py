"""A report put together from the figures of all rooms."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calls.again import SOON
from reports import called_back, hotline, reported, waterless
from reports.errors import ReportError
from reports.figures import Report, Scope
from tickets.unit_models import Unit

HOUSE = (hotline, reported, called_back, waterless)
UNIT = (reported, called_back)
"""Calls and outages are nobody's own."""


async def make(session: AsyncSession, scope: Scope, now: datetime) -> Report:
    """Raises `unknown_unit`. Every figure is counted anew from the rows."""
    unit = await unit_name(session, scope.unit_id)
    if session.get_bind().dialect.name == "postgresql":
        # for this transaction: a month's calls are sorted in memory rather than on the disk, and no query is compiled
        # to machine code, which takes longer than it saves
        for setting in ("work_mem = '64MB'", "jit = off"):
            await session.execute(text(f"SET LOCAL {setting}"))
    parts = HOUSE if scope.unit_id is None else UNIT
    tables = [table for part in parts for table in await part.tables(session, scope)]
    return Report(scope, unit, now, tuple(tables), settled=scope.period.end + SOON <= now)


async def unit_name(session: AsyncSession, unit_id: int | None) -> str | None:
    if unit_id is None:
        return None
    name = await session.scalar(select(Unit.name).where(Unit.id == unit_id))
    if name is None:
        raise ReportError("There is no such unit.", "unknown_unit", "Böyle bir birim yok.")
    return name
