"""What is asked of the outage tables."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.board import LATELY, NEXT
from outages.errors import OutageError
from outages.life import PUBLIC, Life, OutageFacts
from outages.models import Area, BoardState, Broadcast, Outage, OutageArea, OutageRevision

When = Literal["now", "next", "restored"]


@dataclass(frozen=True, slots=True)
class Alerts:
    """What every page shows: operators must not forget what every caller hears."""

    broadcasts: Sequence[Broadcast]
    mass_call_until: datetime | None
    """None: the menus are as usual."""
    mass_call_by: str | None


async def areas(
    session: AsyncSession, *, district_id: int | None = None, kind: str | None = None, merged: bool = False
) -> Sequence[Area]:
    """Areas by number; those that were merged away only when asked for."""
    query = select(Area).order_by(Area.number)
    if not merged:
        query = query.where(Area.active)
    if district_id is not None:
        query = query.where(Area.district_id == district_id)
    if kind is not None:
        query = query.where(Area.kind == kind)
    return (await session.scalars(query)).all()


async def areas_by_id(session: AsyncSession, ids: Collection[int]) -> dict[int, Area]:
    found = await session.scalars(select(Area).where(Area.id.in_(ids)))
    return {area.id: area for area in found}


async def areas_of(session: AsyncSession, outages: Sequence[Outage]) -> dict[int, Area]:
    """The areas of the outages and their districts, by id."""
    areas = await areas_by_id(session, {place.area_id for outage in outages for place in outage.places})
    return areas | await areas_by_id(session, {area.district_id for area in areas.values() if area.district_id})


async def outages(
    session: AsyncSession,
    *,
    now: datetime,
    when: When | None = None,
    lives: Collection[Life] = (),
    area: Area | None = None,
    limit: int = 100,
    before: int | None = None,
    seen: ColumnElement[bool] | None = None,
) -> Sequence[Outage]:
    """Outages, latest id first. `area`: also those of its whole district; for a district also those inside it.

    `seen`: only those of which the reader may know.
    """
    query = select(Outage).order_by(Outage.id.desc()).limit(limit)
    if when:
        query = query.where(_when(when, now))
    if lives:
        query = query.where(Outage.life.in_(lives))
    if area is not None:
        query = query.where(Outage.places.any(reaching(area)))
    if before is not None:
        query = query.where(Outage.id < before)
    if seen is not None:
        query = query.where(seen)
    return (await session.scalars(query)).all()


async def known(session: AsyncSession, outage_id: int, seen: ColumnElement[bool] | None = None) -> Outage:
    """One outage; raises `unknown_outage`, also for one of which the reader may not know."""
    query = select(Outage).where(Outage.id == outage_id)
    outage: Outage | None = await session.scalar(query if seen is None else query.where(seen))
    if outage is None:
        raise OutageError(f"There is no outage {outage_id}.", "unknown_outage")
    return outage


async def revisions(session: AsyncSession, outage_id: int) -> Sequence[OutageRevision]:
    """Oldest first."""
    query = select(OutageRevision).where(OutageRevision.outage_id == outage_id).order_by(OutageRevision.number)
    return (await session.scalars(query)).all()


async def next_publication(session: AsyncSession) -> datetime | None:
    """When the next draft is to go out by itself."""
    query = select(func.min(Outage.publish_at)).where(Outage.life == Life.draft)
    found: datetime | None = await session.scalar(query)
    return found


async def overlapping(
    session: AsyncSession, facts: OutageFacts, now: datetime, except_id: int | None = None
) -> Sequence[Outage]:
    """Scheduled and active outages that take water from the same people at the same time, the earliest first."""
    named = await areas_by_id(session, facts.areas)
    districts = {area.id for area in named.values() if area.district_id is None}
    over = {area.district_id for area in named.values() if area.district_id is not None}
    inside = select(Area.id).where(Area.district_id.in_(districts))
    touching = or_(OutageArea.area_id.in_({*named, *over}), OutageArea.area_id.in_(inside))
    end = facts.actual_end or facts.expected_end
    late = and_(Outage.starts <= now, Outage.expected_end <= now) if facts.starts <= now else false()
    query = select(Outage).where(
        Outage.life.in_(PUBLIC),
        Outage.places.any(touching),
        or_(Outage.expected_end.is_(None), Outage.expected_end > facts.starts, late),
    )
    if end is not None:
        query = query.where(Outage.starts < end)
    if except_id is not None:
        query = query.where(Outage.id != except_id)
    return (await session.scalars(query.order_by(Outage.starts, Outage.id))).all()


async def alerts(session: AsyncSession, now: datetime) -> Alerts:
    """Broadcasts that are played and the mass-call switch."""
    state = (await session.scalars(select(BoardState))).one()
    playing = select(Broadcast).where(Broadcast.ends > now).order_by(Broadcast.ends, Broadcast.id)
    on = state.mass_call and state.mass_call_until is not None and state.mass_call_until > now
    return Alerts(
        (await session.scalars(playing)).all(),
        state.mass_call_until if on else None,
        state.mass_call_by if on else None,
    )


def _when(when: When, now: datetime) -> ColumnElement[bool]:
    public = Outage.life.in_(PUBLIC)
    if when == "now":
        return and_(public, Outage.starts <= now)
    if when == "next":
        return and_(public, Outage.starts > now, Outage.starts <= now + NEXT)
    return and_(Outage.life == Life.restored, Outage.actual_end >= now - LATELY, Outage.actual_end <= now)


def reaching(area: Area) -> ColumnElement[bool]:
    if area.district_id is not None:
        return OutageArea.area_id.in_((area.id, area.district_id))
    inside = select(Area.id).where(Area.district_id == area.id)
    return or_(OutageArea.area_id == area.id, OutageArea.area_id.in_(inside))
