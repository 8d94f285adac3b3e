"""The live wall as data: what a page shows, what REST returns."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from calls.agents_queue import LineState, QueueState
from calls.demand import Suggestion
from calls.hearing import State
from calls.journal import Outcome
from calls.live import LiveCalls, PhraseHeard
from calls.processes import Figures
from calls.records import Containment
from calls.today import Today
from outages.board import Board

MOST_AREAS = 30


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlaceCount(Shown):
    """How many callers an area has."""

    area_id: int
    name: str
    district: str | None = Field(description="None for a district itself.")
    callers: int


class OutageHeard(Shown):
    """How many callers hear about an outage at this moment."""

    outage_id: int
    callers: int
    cause: str
    areas: tuple[str, ...] = Field(description="The first few, with their districts.")


class CallsNow(Shown):
    """The calls in the line."""

    calls: int
    last_minute: int
    per_minute: tuple[int, ...] = Field(description="The last 60 minutes, oldest first; the last one is not over.")
    states: dict[State, int]
    hearing: tuple[PhraseHeard, ...]
    outages: tuple[OutageHeard, ...]
    languages: dict[str, int]
    drivers: dict[str, int]
    areas: tuple[PlaceCount, ...]
    processes: int


class Demand(Shown):
    """An area that many ask for although no outage was entered."""

    area_id: int
    name: str
    district: str | None
    callers: int
    minutes: int
    tickets: int
    first: datetime
    usual: float
    draft_id: int | None


class Served(Shown):
    """How callers were served in a span of time."""

    calls: int
    outcomes: dict[Outcome, int]
    contained: float = Field(description="Share of the calls that needed no person, 0 to 1.")
    first_answer_seconds: float | None


class ServedHour(Served):
    starts: datetime


class DayServed(Shown):
    since: datetime
    whole: Served
    hours: tuple[ServedHour, ...]
    reasons: dict[str, int] = Field(description="Why callers were connected to a person, the most frequent first.")


class QueueLine(LineState):
    """One of the agents' queues, by the name that administrators gave it."""

    name: str
    label_tr: str
    label_en: str
    kept: int = Field(0, description="Callers who left this line to be called when their turn comes.")


class Wall(Shown):
    """Everything on the live wall."""

    at: datetime
    calls: CallsNow
    queue: LineState = Field(description="All queues as one; agents of several queues are counted in each.")
    queues: tuple[QueueLine, ...]
    kept_places: int = Field(description="Callers who wait at home until their turn comes.")
    demand: tuple[Demand, ...]
    today: DayServed | None = Field(description="Null while the database does not answer.")
    mass_call: bool = Field(description="Whether callers get the short menus.")
    problem: str | None = Field(description="Why a part of this is missing or old.")


def same(one: Wall, other: Wall) -> bool:
    """Whether nobody who looks would see a difference but the clock's."""
    return one.model_copy(update={"at": other.at}) == other


def queue_lines(state: QueueState, known: Iterable[QueueLine]) -> tuple[QueueLine, ...]:
    """`known`: those in use, in their order. Others follow when Asterisk tells of them, if somebody is there."""
    lines = [line.model_copy(update=dict(state.queues.get(line.name, ()))) for line in known]
    names = {line.name for line in lines}
    others = [name for name, line in state.queues.items() if name not in names and line.waiting + line.busy + line.free]
    lines += [QueueLine(name=n, label_tr=n, label_en=n, **dict(state.queues[n])) for n in sorted(others)]
    return tuple(lines)


def calls_now(figures: Figures, board: Board) -> CallsNow:
    live: LiveCalls = figures.calls
    return CallsNow(
        calls=live.calls,
        last_minute=live.last_minute,
        per_minute=live.per_minute,
        states={state: live.states.get(state, 0) for state in State},
        hearing=live.hearing,
        outages=_outages(live.outages, board),
        languages=live.languages,
        drivers=live.drivers,
        areas=_places(live.areas, board),
        processes=figures.processes,
    )


def demand_of(found: Iterable[Suggestion], board: Board) -> tuple[Demand, ...]:
    return tuple(
        Demand(
            name=_name(board, one.area_id),
            district=_district(board, one.area_id),
            **{name: getattr(one, name) for name in Suggestion.__dataclass_fields__},
        )
        for one in found
    )


def day_served(day: Today) -> DayServed:
    return DayServed(
        since=day.since,
        whole=Served(**_served(day.whole)),
        hours=tuple(ServedHour(starts=hour.starts, **_served(hour.containment)) for hour in day.hours),
        reasons=day.reasons,
    )


def _served(kept: Containment) -> dict[str, object]:
    return {
        "calls": kept.calls,
        "outcomes": kept.outcomes,
        "contained": round(kept.contained, 4),
        "first_answer_seconds": kept.first_answer_seconds and round(kept.first_answer_seconds, 1),
    }


def _outages(counts: Mapping[int, int], board: Board) -> tuple[OutageHeard, ...]:
    known = {outage.id: outage for outage in board.outages}
    ordered = sorted((item for item in counts.items() if item[0] in known), key=lambda item: (-item[1], item[0]))
    return tuple(
        OutageHeard(
            outage_id=id_,
            callers=callers,
            cause=known[id_].cause,
            areas=tuple(_full_name(board, area) for area in sorted(known[id_].area_ids)[:3]),
        )
        for id_, callers in ordered
    )


def _places(counts: Mapping[int, int], board: Board) -> tuple[PlaceCount, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_AREAS]
    return tuple(
        PlaceCount(area_id=id_, name=_name(board, id_), district=_district(board, id_), callers=callers)
        for id_, callers in ordered
    )


def _name(board: Board, area_id: int) -> str:
    area = board.area(area_id)
    return area.name if area else str(area_id)


def _district(board: Board, area_id: int) -> str | None:
    area = board.area(area_id)
    return board.district_of(area).name if area and area.district_id is not None else None


def _full_name(board: Board, area_id: int) -> str:
    return ", ".join(filter(None, (_district(board, area_id), _name(board, area_id))))
