"""Reports of missing water that no known outage explains."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.models import Ticket

_NO_WATER = ("no_water", "low_pressure")


async def unexplained(session: AsyncSession, since: datetime) -> dict[int, int]:
    """How many calls since then reported missing or weak water, by area."""
    counted = (
        select(Ticket.area_id, func.count(Ticket.call_id.distinct()))
        .where(
            Ticket.opened >= since,
            Ticket.area_id.is_not(None),
            Ticket.outage_id.is_(None),
            Ticket.category.in_(_NO_WATER),
        )
        .group_by(Ticket.area_id)
    )
    return {area: calls for area, calls in await session.execute(counted) if area is not None}
