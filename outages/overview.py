"""What operators look at: the board now and next, and the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository
from outages.board import NEXT, OutageKind
from outages.errors import OutageError
from outages.keys import folded
from outages.life import PUBLIC, Life
from outages.models import Area, Outage, OutageArea

PAGE = 50
MOST_WORDS = 5
_TURKISH = (*zip("ÇĞİIÖŞÜÂÎÛ", "cgiiosuaiu", strict=True), *zip("çğıöşüâîû", "cgiosuaiu", strict=True))
Areas = Mapping[int, Area]


@dataclass(frozen=True, slots=True)
class Row:
    """One outage of the board page."""

    outage: Outage
    affected: int
    """Subscribers where they are known, else the people who live there."""
    counted: bool
    """Whether `affected` was given rather than taken from the population."""
    quiet: timedelta
    """Time since the last update."""
    late: bool
    """The estimate has passed and the water is still off."""


@dataclass(frozen=True, slots=True)
class Overview:
    now: tuple[Row, ...]
    """Stale estimates first, then by affected people."""
    next: tuple[Row, ...]
    drafts: tuple[Row, ...]
    """Waiting for review first, then the latest."""
    areas: Areas
    """Every area, by id; also closed ones."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which outages of the past, present and future are wanted; times are aware."""

    text: str = ""
    """Words of announcements, tanker points, streets or external ids, in any writing; or an outage's number."""
    area_id: int | None = None
    kind: OutageKind | None = None
    lives: Sequence[Life] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    outages: Sequence[Outage]
    """The latest start first."""
    areas: Areas
    total: int
    page: int
    pages: int


async def overview(session: AsyncSession, now: datetime, ahead: timedelta = NEXT) -> Overview:
    """Three statements, however many outages there are."""
    areas = {area.id: area for area in await session.scalars(select(Area))}
    wanted = or_(and_(Outage.life.in_(PUBLIC), Outage.starts <= now + ahead), Outage.life == Life.draft)
    rows = [_row(outage, areas, now) for outage in await session.scalars(select(Outage).where(wanted))]
    public = [row for row in rows if row.outage.life is not Life.draft]
    drafts = [row for row in rows if row.outage.life is Life.draft]
    return Overview(
        now=tuple(sorted((row for row in public if row.outage.starts <= now), key=_urgency)),
        next=tuple(sorted((row for row in public if row.outage.starts > now), key=_urgency)),
        drafts=tuple(sorted(drafts, key=lambda row: (row.outage.submitted_at is None, row.quiet))),
        areas=areas,
    )


async def history(session: AsyncSession, query: HistoryQuery, page: int = 1, size: int = PAGE) -> HistoryPage:
    """One page of all outages that were ever written."""
    found = await _filtered(session, query)
    total = await session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    ordered = found.order_by(Outage.starts.desc(), Outage.id.desc()).limit(size).offset((page - 1) * size)
    outages = (await session.scalars(ordered)).all()
    return HistoryPage(outages, await repository.areas_of(session, outages), total, page, pages)


async def matching(session: AsyncSession, query: HistoryQuery, most: int) -> Sequence[Outage]:
    """All that the query means; for exports. Raises `too_many_to_export`: a table that lacks some tells nobody."""
    found = (await _filtered(session, query)).order_by(Outage.starts, Outage.id).limit(most + 1)
    outages = (await session.scalars(found)).all()
    if len(outages) > most:
        raise OutageError(
            f"More than {most} outages are meant: narrow them by date and export them in parts.",
            "too_many_to_export",
            f"{most} kesintiden çok var; tarihle daraltıp parça parça alın.",
        )
    return outages


def affected(outage: Outage, areas: Areas) -> int:
    """The people who live in its areas; a district counts once, with all of them."""
    named = [areas[place.area_id] for place in outage.places]
    districts = {area.id for area in named if area.district_id is None}
    return sum(area.population or 0 for area in named if area.district_id not in districts)


def _row(outage: Outage, areas: Areas, now: datetime) -> Row:
    off = outage.life in PUBLIC and outage.starts <= now
    late = off and outage.expected_end is not None and outage.expected_end <= now
    counted = outage.subscribers is not None
    people = outage.subscribers if outage.subscribers is not None else affected(outage, areas)
    return Row(outage, people, counted, now - outage.updated, late)


def _urgency(row: Row) -> tuple[bool, int, datetime, int]:
    return not row.late, -row.affected, row.outage.starts, row.outage.id


async def _filtered(session: AsyncSession, query: HistoryQuery) -> Select[Outage]:
    found = select(Outage)
    if query.area_id is not None:
        area = await session.get(Area, query.area_id)
        found = found.where(Outage.places.any(repository.reaching(area)) if area else false())
    if query.kind:
        found = found.where(Outage.kind == query.kind)
    if query.lives:
        found = found.where(Outage.life.in_(query.lives))
    if query.since is not None:
        lasting = func.coalesce(Outage.actual_end, Outage.expected_end, Outage.starts) >= query.since
        found = found.where(or_(lasting, Outage.life.in_(PUBLIC)))
    if query.until is not None:
        found = found.where(Outage.starts <= query.until)
    for word in folded(query.text).split()[:MOST_WORDS]:
        found = found.where(_holds(word))
    return found


def _holds(word: str) -> ColumnElement[bool]:
    texts = (Outage.announcement_tr, Outage.announcement_en, Outage.tanker_points, Outage.external_id)
    within = [_folded(text, word).contains(word, autoescape=True) for text in texts]
    streets = Outage.places.any(_folded(OutageArea.streets, word).contains(word, autoescape=True))
    number = [Outage.id == int(word)] if word.isdecimal() and len(word) < 10 else []
    return or_(*within, streets, *number)


def _folded(column: Any, word: str) -> ColumnElement[str]:
    """Small letters, Latin where the word holds them; by the database itself, which does not fold Turkish ones."""
    text: ColumnElement[str] = column
    for written, plain in _TURKISH:
        if plain in word:
            text = func.replace(text, written, plain)
    return func.lower(text)
