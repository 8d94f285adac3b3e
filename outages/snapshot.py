"""The board out of the database, and its copy on disk."""

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.board import CALLED_OFF, LATELY, AreaView, Board, BroadcastView, OutageView
from outages.life import PUBLIC, Life
from outages.models import Area, BoardState, Broadcast, Outage, OutageRevision

_BOARD = TypeAdapter(Board)


async def board_version(session: AsyncSession) -> int:
    return (await session.scalars(select(BoardState.version))).one()


async def load_board(session: AsyncSession, now: datetime) -> Board:
    """What callers are to hear. The version is read first: a change in between is loaded again, never missed."""
    version, mass_call = (await session.execute(select(BoardState.version, BoardState.mass_call))).one()
    areas = select(
        Area.id,
        Area.kind,
        Area.name,
        Area.spoken,
        Area.district_id,
        Area.keypad,
        Area.number,
        Area.active,
        Area.merged_into,
    )
    rows = (await session.execute(areas)).all()
    heard = or_(Outage.life.in_(PUBLIC), Outage.actual_end >= now - LATELY)
    outages = await session.scalars(select(Outage).where(heard).order_by(Outage.starts, Outage.id))
    broadcasts = await session.scalars(select(Broadcast).where(Broadcast.ends > now).order_by(Broadcast.id))
    called_off = await _called_off(session, now)
    changed = await _last_changes(session, heard, called_off)
    merged = _final({row.id: row.merged_into for row in rows if not row.active and row.merged_into})
    return Board(
        version=version,
        made=now,
        areas={row.id: AreaView(*row[:7]) for row in rows if row.active},
        outages=tuple(_outage(outage, merged, changed) for outage in outages),
        broadcasts=tuple(_broadcast(broadcast) for broadcast in broadcasts),
        mass_call=mass_call,
        merged=merged,
        cancelled=tuple(_outage(outage, merged, changed) for outage in called_off),
    )


async def _called_off(session: AsyncSession, now: datetime) -> list[Outage]:
    """What the public had heard of and was cancelled lately; a draft that is dropped was never heard of."""
    query = (
        select(Outage, OutageRevision.changes)
        .join(OutageRevision, OutageRevision.outage_id == Outage.id)
        .where(Outage.life == Life.cancelled, OutageRevision.what == "cancelled", OutageRevision.at >= now - CALLED_OFF)
        .order_by(Outage.id)
    )
    found = (await session.execute(query)).all()
    return [outage for outage, changes in found if changes.get("life", [None])[0] in PUBLIC]


async def _last_changes(
    session: AsyncSession, heard: ColumnElement[bool], called_off: list[Outage]
) -> dict[int, datetime]:
    which = OutageRevision.outage_id.in_(select(Outage.id).where(heard))
    also = OutageRevision.outage_id.in_([outage.id for outage in called_off])
    query = (
        select(OutageRevision.outage_id, func.max(OutageRevision.at))
        .where(or_(which, also))
        .group_by(OutageRevision.outage_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


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


def _outage(row: Outage, merged: Mapping[int, int], changed: Mapping[int, datetime]) -> OutageView:
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
        updated=changed.get(row.id),
        demonstration=row.source == "demo",
    )


def _broadcast(row: Broadcast) -> BroadcastView:
    return BroadcastView(
        id=row.id, text=_by_language(row.text_tr, row.text_en), district_id=row.district_id, ends=row.ends
    )


def _by_language(turkish: str | None, english: str | None) -> dict[str, str]:
    return {language: text for language, text in (("tr", turkish), ("en", english)) if text}


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
