"""How many people call from where an outage is."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calls.models import CallRecord
from calls.records import TELEPHONES


async def calls_from(session: AsyncSession, areas: Collection[int], since: datetime) -> int:
    """Ended calls about any of the areas that began since then."""
    query = select(func.count()).where(
        CallRecord.started >= since, CallRecord.driver.in_(TELEPHONES), CallRecord.area_id.in_(areas)
    )
    return await session.scalar(query) or 0
