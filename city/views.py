"""What pages show, worked out from the board: templates only lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from city.phases import Phase, Shown, phase_of
from outages.board import AreaView, Board, OutageView

State = Literal["off", "part", "coming", "back", "fine"]
AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AreaState:
    """An area in a list."""

    area: AreaView
    path: str
    state: State


@dataclass(frozen=True, slots=True)
class Card:
    """An outage as one area meets it."""

    outage: OutageView
    phase: Phase
    streets: str | None


@dataclass(frozen=True, slots=True)
class Water:
    """Now, next and lately, in one area."""

    now: Sequence[Card]
    coming: Sequence[Card]
    back: Sequence[Card]


def water(board: Board, area: AreaView, now: datetime) -> Water:
    def cards(outages: Sequence[OutageView]) -> list[Card]:
        return [Card(o, phase_of(o, now), o.streets.get(area.id)) for o in outages]

    return Water(
        cards(board.current(area.id, now)),
        cards(board.upcoming(area.id, now, AHEAD)),
        cards(board.restored(area.id, now)),
    )


def state_of(board: Board, area: AreaView, now: datetime) -> State:
    """A district is off when all of it is, and partly off when only places in it are."""
    current = board.current(area.id, now)
    if any(area.id in outage.area_ids and area.id not in outage.streets for outage in current):
        return "off"
    if any(area.district_id in outage.area_ids for outage in current if area.district_id is not None):
        return "off"
    if current:
        return "part"
    if board.upcoming(area.id, now):
        return "coming"
    return "back" if board.restored(area.id, now) else "fine"


def card_of(each: Shown) -> Card:
    return Card(each.outage, each.phase, None)
