"""What the public sees of an outage at a moment, and until when that holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from outages.board import LATELY, NEXT, Board, OutageView

Phase = Literal["off", "late", "coming", "back", "cancelled"]
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shown:
    outage: OutageView
    phase: Phase
    since: datetime
    """When what is shown last became different."""


def phase_of(outage: OutageView, now: datetime) -> Phase:
    if outage.ended is not None and outage.ended <= now:
        return "back"
    if outage.starts > now:
        return "coming"
    return "late" if outage.late_at(now) else "off"


def shown(board: Board, now: datetime, district_id: int | None = None) -> list[Shown]:
    """All that is off, coming, lately back or lately called off; in one district or everywhere; newest news first."""
    seen = [_shown(outage, phase_of(outage, now), now) for outage in board.outages if not _forgotten(outage, now)]
    seen += [_shown(outage, "cancelled", now) for outage in board.cancelled]
    inside = [each for each in seen if district_id is None or touches(board, each.outage, district_id)]
    return sorted(inside, key=lambda each: (each.since, each.outage.id), reverse=True)


def touches(board: Board, outage: OutageView, district_id: int) -> bool:
    areas = (board.areas.get(area_id) for area_id in outage.area_ids)
    return any(area is not None and board.district_of(area).id == district_id for area in areas)


def holds_until(board: Board, now: datetime) -> datetime:
    """The next moment at which time alone changes what is shown."""
    return min([moment for moment in _moments(board) if moment > now], default=now + LONGEST)


def _moments(board: Board) -> Iterator[datetime]:
    for outage in board.outages:
        yield from (outage.starts, outage.starts - NEXT)
        if outage.expected_end:
            yield outage.expected_end
        if outage.ended:
            yield from (outage.ended, outage.ended + LATELY)
    yield from (broadcast.ends for broadcast in board.broadcasts)


def _forgotten(outage: OutageView, now: datetime) -> bool:
    return outage.ended is not None and outage.ended + LATELY <= now


def _shown(outage: OutageView, phase: Phase, now: datetime) -> Shown:
    turns = [outage.updated or outage.starts]
    if phase in ("off", "late", "back"):
        turns.append(outage.starts)
    if phase == "late" and outage.expected_end:
        turns.append(outage.expected_end)
    return Shown(outage, phase, min(max(turns), now))
