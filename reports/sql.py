"""Figures that are counted by the database, and the conditions that lead to their rows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outages.models import Area
from reports.period import Span
from storage.moments import QUARTER_SECONDS

Condition = ColumnElement[bool]


def local(quarter: int, zone: ZoneInfo) -> datetime:
    """The wall clock at the beginning of a quarter."""
    return datetime.fromtimestamp(quarter * QUARTER_SECONDS, UTC).astimezone(zone)


def within(column: InstrumentedAttribute[Any], spans: Iterable[Span]) -> Condition:
    """In any of the spans."""
    return or_(false(), *(and_(column >= start, column < end) for start, end in spans))


def whole(word: str, most: int = 2**31 - 1) -> int:
    """A number out of an address. Raises ValueError."""
    if not word.isascii() or not word.isdecimal() or len(word) > 10 or int(word) > most:
        raise ValueError(word)
    return int(word)


async def counted(session: AsyncSession, by: Any, *conditions: Condition) -> dict[Any, int]:
    """How many rows there are, by a column."""
    query = select(by, func.count()).where(*conditions).group_by(by)
    return dict((await session.execute(query)).all())


def in_district(column: InstrumentedAttribute[int | None], district: int) -> Condition:
    """In a district or one of its neighbourhoods; 0 where the place is not known."""
    if not district:
        return or_(column.is_(None), column.not_in(select(Area.id)))
    return column.in_(_areas_of(district))


def _areas_of(district: int) -> Select[Any]:
    return select(Area.id).where(or_(Area.id == district, Area.district_id == district))


async def districts(session: AsyncSession) -> tuple[dict[int, int], dict[int, str]]:
    """The district of every area, and the names of districts."""
    rows = (await session.execute(select(Area.id, Area.district_id, Area.name))).all()
    return {row.id: row.district_id or row.id for row in rows}, {
        row.id: row.name for row in rows if row.district_id is None
    }
