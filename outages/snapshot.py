"""The board out of the database, and its copy on disk."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.board import CALLED_OFF, LATELY, AreaView, Board, BroadcastView, OutageView
from outages.life import PUBLIC, Life
from outages.models import Area, BoardState, Broadcast, Outage, OutageRevision
from outages.phone_pages import present_pages

_BOARD = TypeAdapter(Board)
_AREA_COLUMNS = (
    Area.id,
    Area.kind,
    Area.name,
    Area.spoken,
    Area.district_id,
    Area.keypad,
    Area.number,
    Area.population,
    Area.active,
    Area.merged_into,
    Area.former_names,
)


async def board_version(session: AsyncSession) -> int:
    return (await session.scalars(select(BoardState.version))).one()


async def load_board(session: AsyncSession, now: datetime) -> Board:
    """What callers are to hear. The version is read first: a change in between is loaded again, never missed."""
    state = select(BoardState.version, BoardState.mass_call, BoardState.mass_call_until)
    version, mass_call, mass_call_until = (await session.execute(state)).one()
    known = await load_areas(session, now)
    back = and_(Outage.life == Life.restored, Outage.actual_end >= now - LATELY)
    heard = or_(Outage.life.in_(PUBLIC), back)
    outages = await session.scalars(select(Outage).where(heard).order_by(Outage.starts, Outage.id))
    broadcasts = await session.scalars(select(Broadcast).where(Broadcast.ends > now).order_by(Broadcast.id))
    return replace(
        known,
        version=version,
        outages=tuple(_outage(outage, known.merged) for outage in outages),
        broadcasts=tuple(_broadcast(broadcast) for broadcast in broadcasts),
        mass_call=mass_call,
        cancelled=tuple(_outage(outage, known.merged) for outage in await _called_off(session, now)),
        mass_call_until=mass_call_until,
        pages=await present_pages(session),
    )


async def load_areas(session: AsyncSession, now: datetime) -> Board:
    """A board of places only, on which the water is nowhere off."""
    rows = (await session.execute(select(*_AREA_COLUMNS))).all()
    merged = _final({row.id: row.merged_into for row in rows if not row.active and row.merged_into})
    areas = {row.id: AreaView(*row[:8]) for row in rows if row.active}
    return Board(0, now, areas, (), merged=merged, former=_former_names(rows, merged))


async def _called_off(session: AsyncSession, now: datetime) -> list[Outage]:
    """What the public had heard of and was lately cancelled or taken back; a mere draft was never heard of."""
    query = (
        select(Outage, OutageRevision.changes)
        .join(OutageRevision, and_(OutageRevision.outage_id == Outage.id, OutageRevision.number == Outage.revision))
        .where(Outage.life.in_((Life.cancelled, Life.draft)), OutageRevision.at >= now - CALLED_OFF)
        .order_by(Outage.id)
    )
    found = (await session.execute(query)).all()
    return [outage for outage, changes in found if changes.get("life", [None])[0] in PUBLIC]


def write_copy(board: Board, file: Path) -> None:
    """Replace the copy in one step, so that a crash leaves the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as out:
            out.write(_BOARD.dump_json(board))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()


def read_copy(file: Path) -> Board | None:
    """The last board known; None when there is none that can be read."""
    try:
        return _BOARD.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _outage(row: Outage, merged: Mapping[int, int]) -> OutageView:
    """An outage of an area that was merged away since is heard in the area that it has become."""
    places = {merged.get(place.area_id, place.area_id): place.streets for place in row.places}
    return OutageView(
        id=row.id,
        kind=row.kind,
        cause=row.cause,
        area_ids=frozenset(places),
        starts=row.starts,
        expected_end=row.expected_end,
        ended=row.actual_end,
        tanker_points=row.tanker_points,
        announcement=_by_language(row.announcement_tr, row.announcement_en),
        subscribers=row.subscribers,
        crew=row.crew,
        streets={area_id: streets for area_id, streets in places.items() if streets},
        revision=row.revision,
        updated=row.updated,
        demonstration=row.source == "demo",
    )


def _broadcast(row: Broadcast) -> BroadcastView:
    return BroadcastView(
        id=row.id, text=_by_language(row.text_tr, row.text_en), district_id=row.district_id, ends=row.ends
    )


def _by_language(turkish: str | None, english: str | None) -> dict[str, str]:
    return {language: text for language, text in (("tr", turkish), ("en", english)) if text}


def _former_names(rows: Sequence[Any], merged: Mapping[int, int]) -> dict[int, tuple[str, ...]]:
    """Names that each living area had, or that those had which it took in."""
    names: dict[int, list[str]] = {}
    for row in rows:
        before = [*(row.former_names or ()), *([] if row.active else [row.name])]
        names.setdefault(merged.get(row.id, row.id), []).extend(before)
    return {area_id: tuple(dict.fromkeys(before)) for area_id, before in names.items() if before}


def _final(steps: Mapping[int, int]) -> dict[int, int]:
    """Each merged area with the area at the end of its chain."""
    ends = {}
    for start in steps:
        area, seen = start, {start}
        while area in steps and steps[area] not in seen:
            area = steps[area]
            seen.add(area)
        ends[start] = area
    return ends
