"""The board: an immutable picture of areas and outages from which callers are served without touching the database."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from outages.area_index import AreaIndex, Entry

AreaKind = Literal["district", "neighbourhood", "industrial_zone"]
OutageKind = Literal["planned", "fault"]
NEXT = timedelta(hours=72)
LATELY = timedelta(hours=6)
CALLED_OFF = timedelta(days=7)
"""How long feeds tell that something does not take place."""


@dataclass(frozen=True, slots=True)
class AreaView:
    """A place where water can be off."""

    id: int
    kind: AreaKind
    name: str
    """As written on the board and in lists: "Yeni Mahalle", "Gebze", "Gebze OSB"."""
    spoken: str
    """As said aloud, without district or suffix: "Yeni Mahalle", "On Yedi Ağustos Mahallesi"."""
    district_id: int | None
    """None for a district itself."""
    keypad: str
    """The search key as telephone keys, letters only: "gebze" -> "43293"."""
    number: int
    """Three digits or more, stable, for entry by number; districts 1..n."""
    population: int | None = None


@dataclass(frozen=True, slots=True)
class OutageView:
    """An outage as callers meet it. Times are aware and in UTC."""

    id: int
    kind: OutageKind
    cause: str
    """A key of the catalogue: `cause.<cause>`."""
    area_ids: frozenset[int]
    """Districts (all of it) and neighbourhoods."""
    starts: datetime
    expected_end: datetime | None
    ended: datetime | None
    """When the water came back; None while it is off."""
    tanker_points: str | None = None
    announcement: Mapping[str, str] = field(default_factory=dict)
    """Free text by language, said after the facts."""
    subscribers: int | None = None
    crew: str | None = None
    """A key of the catalogue: `crew.<crew>`."""
    streets: Mapping[int, str] = field(default_factory=dict)
    """Free text by area id, where only a part of an area is affected."""
    revision: int = 0
    updated: datetime | None = None
    """When it was last changed."""
    demonstration: bool = False

    def off_at(self, now: datetime) -> bool:
        """Whether the water is off at `now`; a passed estimate does not bring it back."""
        return self.starts <= now and (self.ended is None or now < self.ended)

    def late_at(self, now: datetime) -> bool:
        """Whether the estimate has passed while the water is still off."""
        return self.off_at(now) and self.expected_end is not None and self.expected_end <= now


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """An emergency announcement, played before everything until `ends`."""

    id: int
    text: Mapping[str, str]
    """By language."""
    district_id: int | None
    """None: the whole city."""
    ends: datetime


class Affected(NamedTuple):
    """Where the water is off, from one change to the next."""

    districts: tuple[AreaView, ...]
    """Most affected neighbourhoods first."""
    inside: Mapping[int, tuple[AreaView, ...]]
    """Neighbourhoods that are named, by district."""


@dataclass(frozen=True)
class Board:
    """Who has water, as of `made`. Every answer is a dictionary look-up."""

    version: int
    made: datetime
    areas: Mapping[int, AreaView]
    outages: tuple[OutageView, ...]
    broadcasts: tuple[BroadcastView, ...] = ()
    mass_call: bool = False
    """Switched on by an operator; the flow may also switch it on by call rate."""
    merged: Mapping[int, int] = field(default_factory=dict)
    """Areas that were renamed or merged away, with the area that they are now."""
    cancelled: tuple[OutageView, ...] = ()
    """What was announced and does not take place: never said, but calendars and alert systems must unlearn it."""
    former: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Names that areas had before, or that those had which they took in; people still type them."""
    mass_call_until: datetime | None = None
    """When the operators' switch turns itself off."""
    pages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Information pages of the phone menu that operators wrote: text by phrase key and language."""

    def mass_call_at(self, now: datetime) -> bool:
        """Whether an operator wants short menus; the switch ends by itself."""
        return self.mass_call and (self.mass_call_until is None or now < self.mass_call_until)

    def area(self, area_id: int) -> AreaView | None:
        """The area, or the one that it has become; a caller may be remembered with either."""
        return self.areas.get(self.merged.get(area_id, area_id))

    def district_of(self, area: AreaView) -> AreaView:
        return area if area.district_id is None else self.areas[area.district_id]

    @cached_property
    def index(self) -> AreaIndex:
        """Areas by what is typed of their names; made once for a board."""
        today = [Entry(a.id, a.district_id, a.name, a.spoken, a.population or 0, a.number) for a in self.areas.values()]
        before = [
            Entry(a.id, a.district_id, name, name, a.population or 0, a.number, former=True)
            for area_id, names in self.former.items()
            if (a := self.areas.get(area_id))
            for name in names
        ]
        return AreaIndex([*today, *before])

    @cached_property
    def districts(self) -> tuple[AreaView, ...]:
        return tuple(sorted((a for a in self.areas.values() if a.district_id is None), key=lambda a: a.number))

    def within(self, district_id: int) -> tuple[AreaView, ...]:
        """Neighbourhoods and industrial zones of a district, by number."""
        return self._within.get(district_id, ())

    def current(self, area_id: int, now: datetime) -> list[OutageView]:
        """Outages that hold in the area now: the area's own, its whole district's, and for a district any inside it."""
        return [outage for outage in self._touching(area_id) if outage.off_at(now)]

    def upcoming(self, area_id: int, now: datetime, within: timedelta = NEXT) -> list[OutageView]:
        """Work planned to start within the span, soonest first."""
        return [o for o in self._touching(area_id) if o.ended is None and now < o.starts <= now + within]

    def restored(self, area_id: int, now: datetime, within: timedelta = LATELY) -> list[OutageView]:
        """Outages that ended within the span, latest first."""
        ended = [o for o in self._touching(area_id) if o.ended is not None and now - within <= o.ended <= now]
        return sorted(ended, key=lambda o: o.ended or now, reverse=True)

    def affected_districts(self, now: datetime) -> list[AreaView]:
        """Districts with water off now, most affected neighbourhoods first."""
        return list(self._affected(now).districts)

    def affected_neighbourhoods(self, district_id: int, now: datetime) -> list[AreaView]:
        """Neighbourhoods named in an outage that holds now (not those of a district-wide one)."""
        return list(self._affected(now).inside.get(district_id, ()))

    def district_wide(self, district_id: int, now: datetime) -> bool:
        return any(o.off_at(now) and district_id in o.area_ids for o in self.outages)

    def broadcasts_now(self, now: datetime, district_id: int | None = None) -> list[BroadcastView]:
        """City-wide announcements, and those of the caller's district when it is known."""
        return [b for b in self.broadcasts if now < b.ends and b.district_id in (None, district_id)]

    def _weight(self, district: AreaView, counts: Counter[int]) -> int:
        """A district that is off as a whole counts as all of it, whatever else is named inside."""
        return min(counts[district.id], 1 + len(self.within(district.id)))

    def _affected(self, now: datetime) -> Affected:
        """Told once between two moments at which an outage begins or ends: when the water goes, everybody asks."""
        phase = bisect_right(self._turns, now)
        if (affected := self._phases.get(phase)) is None:
            affected = self._phases[phase] = self._affected_anew(now)
        return affected

    def _affected_anew(self, now: datetime) -> Affected:
        named = {area_id for outage in self.outages if outage.off_at(now) for area_id in outage.area_ids}
        counts: Counter[int] = Counter()
        for area in filter(None, map(self.areas.get, named)):
            if area.district_id is None:
                counts[area.id] += 1 + len(self.within(area.id))
            else:
                counts[area.district_id] += 1
        districts = (district for district in self.districts if counts[district.id])
        ordered = sorted(districts, key=lambda d: (-self._weight(d, counts), d.number))
        inside = {d.id: tuple(a for a in self.within(d.id) if a.id in named) for d in ordered}
        return Affected(tuple(ordered), inside)

    @cached_property
    def _turns(self) -> list[datetime]:
        """When an outage begins or ends, in order."""
        return sorted({at for outage in self.outages for at in (outage.starts, outage.ended) if at})

    @cached_property
    def _phases(self) -> dict[int, Affected]:
        """By the number of turns that have passed."""
        return {}

    def _touching(self, area_id: int) -> Iterable[OutageView]:
        return self._by_area.get(area_id, ())

    @cached_property
    def _within(self) -> dict[int, tuple[AreaView, ...]]:
        inside: dict[int, list[AreaView]] = {}
        for area in sorted(self.areas.values(), key=lambda a: a.number):
            if area.district_id is not None:
                inside.setdefault(area.district_id, []).append(area)
        return {district: tuple(areas) for district, areas in inside.items()}

    @cached_property
    def _by_area(self) -> dict[int, list[OutageView]]:
        touching: dict[int, list[OutageView]] = {}
        for outage in sorted(self.outages, key=lambda o: o.starts):
            reach: set[int] = set()
            for area_id in outage.area_ids:
                area = self.areas.get(area_id)
                if area is None:
                    continue
                reach.add(area_id)
                if area.district_id is None:
                    reach.update(a.id for a in self.within(area_id))
                else:
                    reach.add(area.district_id)
            for area_id in reach:
                touching.setdefault(area_id, []).append(outage)
        return touching
