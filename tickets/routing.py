"""Which unit gets a ticket, and why: the first row of the table that fits, explained in words that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.models import Area
from tickets.kinds import Category, Urgency
from tickets.unit_models import Route, Unit
from tickets.working_time import calendar

PRESSING = (Urgency.hazard, Urgency.urgent)
"""Not left lying until a unit comes back on duty."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a ticket goes. `why` is kept with it: `row` (its position), what the row asked for, and the stand-in."""

    unit: Unit
    why: dict[str, Any]


async def destination(
    session: AsyncSession, category: Category, urgency: Urgency, area_id: int | None, at: datetime, zone: ZoneInfo
) -> Destination | None:
    """None where no row fits, or its unit is out of service."""
    district = await _district(session, area_id)
    found = (await session.execute(_table())).all()
    rows: Sequence[tuple[Route, Unit]] = [(route, unit) for route, unit in found]
    row = next((row for row in rows if _fits(row[0], category, urgency, district)), None)
    if row is None:
        return None
    route, unit = row
    why: dict[str, Any] = {
        "row": route.position,
        "category": route.category,
        "urgency": route.urgency,
        "district": await _name(session, route.district_id),
        "unit": unit.name,
    }
    stand_in = await _stand_in(session, unit, urgency, at, zone)
    return Destination(stand_in or unit, why | ({"stand_in": stand_in.name} if stand_in else {}))


def _table() -> Any:
    return (
        select(Route, Unit).join(Unit, Unit.id == Route.unit_id).where(Unit.active).order_by(Route.position, Route.id)
    )


def _fits(route: Route, category: Category, urgency: Urgency, district: int | None) -> bool:
    return (
        route.category in (None, category)
        and route.urgency in (None, urgency)
        and route.district_id in (None, district)
    )


async def _stand_in(session: AsyncSession, unit: Unit, urgency: Urgency, at: datetime, zone: ZoneInfo) -> Unit | None:
    if urgency not in PRESSING or unit.stand_in_id is None or calendar(unit.week, zone).on_duty(at):
        return None
    other = await session.get(Unit, unit.stand_in_id)
    return other if other and other.active else None


async def _district(session: AsyncSession, area_id: int | None) -> int | None:
    area = await session.get(Area, area_id) if area_id else None
    return (area.district_id or area.id) if area else None


async def _name(session: AsyncSession, area_id: int | None) -> str | None:
    area = await session.get(Area, area_id) if area_id else None
    return area.name if area else None
