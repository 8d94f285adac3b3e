"""Who is to be told of a planned outage: the question that outbound calls and messages ask."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from notices.models import NoticeRequest, State, Way
from outages.life import Life
from outages.models import Area, Outage

_AT_ONCE = 500
"""Ids asked for in one statement; databases limit how many they take."""
_MERGERS = 10


@dataclass(frozen=True, slots=True)
class Recipient:
    """A number that is told once, however many of its places are affected."""

    number: str
    way: Way
    language: str
    area_ids: tuple[int, ...]
    """Its own places, for the wording."""
    request_id: int
    """Of the link by which it leaves; the newest request."""


async def to_be_told(session: AsyncSession, outage: Outage) -> list[Recipient]:
    """Confirmed numbers of a planned outage's places; nobody for a fault, a draft or what is called off."""
    if outage.kind != "planned" or outage.life not in (Life.scheduled, Life.active):
        return []
    reached = await _reached(session, {place.area_id for place in outage.places})
    found: dict[str, list[NoticeRequest]] = {}
    ids = sorted(reached)
    for first in range(0, len(ids), _AT_ONCE):
        query = select(NoticeRequest).where(
            NoticeRequest.state == State.confirmed, NoticeRequest.area_id.in_(ids[first : first + _AT_ONCE])
        )
        for request in await session.scalars(query):
            found.setdefault(request.number_hash, []).append(request)
    return [_recipient(requests) for _, requests in sorted(found.items())]


async def _reached(session: AsyncSession, affected: Collection[int]) -> set[int]:
    """The outage's places, all in its districts, the districts of its places, and what was merged into any of them."""
    areas = list(await session.scalars(select(Area).where(Area.id.in_(affected))))
    whole = {area.id for area in areas if area.district_id is None}
    above = {area.district_id for area in areas if area.district_id is not None}
    inside = await session.scalars(select(Area.id).where(Area.district_id.in_(whole)))
    reached = {*affected, *above, *inside}
    for _ in range(_MERGERS):
        links = await session.execute(
            select(Area.id, Area.merged_into).where(or_(Area.merged_into.in_(reached), Area.id.in_(reached)))
        )
        wider = reached | {id_ for id_, into in links if id_ in reached or into in reached}
        if wider == reached:
            break
        reached = wider
    return reached


def _recipient(requests: list[NoticeRequest]) -> Recipient:
    newest = max(requests, key=lambda request: (request.consented, request.id))
    places = tuple(sorted(request.area_id for request in requests))
    return Recipient(newest.number, newest.way, newest.language, places, newest.id)
