"""A list of areas into the database: known ones keep their ids and numbers, vanished ones are kept for the past."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.area_list import BadAreaList
from outages.models import Area
from outages.names import match_key
from outages.recording import touch_board
from outages.seeds import FIRST_ZONE, PER_DISTRICT, AreaSeed, identity_of
from storage.database import Database

_SAME = ("kind", "name", "spoken", "search_key", "keypad")
Identity = tuple[str, str]


@dataclass(slots=True)
class AreaChanges:
    """What became of a list, by written names."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.merged or self.deactivated)


async def apply_areas(db: Database, seeds: Iterable[AreaSeed], *, complete: bool = True) -> AreaChanges:
    """Make the database's areas those of the list, all or nothing. Raises BadAreaList.

    A `complete` list closes what it does not name; outages of a closed area keep it.
    """
    async with db.session() as session:
        work = _Work(session, list((await session.scalars(select(Area))).all()))
        changes = await work.apply(list(seeds), complete=complete)
        if changes:
            await touch_board(session)
            await session.commit()
        return changes


class _Work:
    """One list on its way into the database: districts, then what lies in them, then mergers."""

    def __init__(self, session: AsyncSession, areas: list[Area]) -> None:
        self._session = session
        self._areas = areas
        self._numbers = {area.number for area in areas}
        self._known: dict[Identity, Area] = {}
        self._named: set[Area] = set()
        self._changes = AreaChanges()

    async def apply(self, seeds: list[AreaSeed], *, complete: bool) -> AreaChanges:
        if not seeds:
            raise BadAreaList("The list names no area; nothing was changed.")
        living = [seed for seed in seeds if not seed.merged_into]
        _check_once(living)
        for district_level in (True, False):
            self._known = self._by_identity()
            for seed in living:
                if (seed.district is None) is district_level:
                    self._put(seed)
            await self._session.flush()
        for seed in seeds:
            if seed.merged_into:
                self._merge(seed)
        if complete:
            self._close_others()
        return self._changes

    def _by_identity(self) -> dict[Identity, Area]:
        """The living last, so that they count where a closed area had the same name."""
        names = {area.id: area.name for area in self._areas if area.district_id is None}
        areas = sorted(self._areas, key=lambda area: area.active)
        return {identity_of(names.get(area.district_id or 0), area.name): area for area in areas}

    def _put(self, seed: AreaSeed) -> None:
        district = self._district_of(seed)
        area, former = self._known.get(seed.identity), self._former(seed)
        if area is None and former is not None:
            area = self._known[seed.identity] = former
        elif area is not None and former is not None and former is not area:
            self._retire(former, area)
        if area is None:
            area = self._add(seed, district)
        elif self._differs(area, seed, district):
            self._write(area, seed, district)
            self._changes.changed.append(seed.name)
        else:
            self._changes.unchanged += 1
        self._named.add(area)

    def _district_of(self, seed: AreaSeed) -> Area | None:
        if seed.district is None:
            return None
        district = self._known.get(identity_of(None, seed.district))
        if district is None:
            raise BadAreaList(f"{seed.name} lies in {seed.district}, which is no known district: add a row for it.")
        return district

    def _former(self, seed: AreaSeed) -> Area | None:
        """The area under its earlier name, "Gebze/Eski" where it changed its district too."""
        if not seed.formerly:
            return None
        return self._known.get(_place(seed.formerly, seed.district))

    def _differs(self, area: Area, seed: AreaSeed, district: Area | None) -> bool:
        told = seed.population is not None and seed.population != area.population
        moved = area.district_id != (district.id if district else None)
        return told or moved or not area.active or any(getattr(area, f) != getattr(seed, f) for f in _SAME)

    def _write(self, area: Area, seed: AreaSeed, district: Area | None) -> None:
        if area.name and match_key(area.name) != match_key(seed.name):
            area.former_names = [*(area.former_names or ()), area.name]
        for name in _SAME:
            setattr(area, name, getattr(seed, name))
        area.population = area.population if seed.population is None else seed.population
        area.district_id = district.id if district else None
        area.active, area.merged_into = True, None

    def _add(self, seed: AreaSeed, district: Area | None) -> Area:
        area = Area(number=self._number(seed, district), former_names=[seed.formerly] if seed.formerly else None)
        self._write(area, seed, district)
        self._session.add(area)
        self._areas.append(area)
        self._numbers.add(area.number)
        self._known[seed.identity] = area
        self._changes.added.append(seed.name)
        return area

    def _number(self, seed: AreaSeed, district: Area | None) -> int:
        """The list's own where it is free and not another district's; else the next free one."""
        base = district.number * PER_DISTRICT if district else 0
        fits = district is None or seed.number < PER_DISTRICT or base < seed.number < base + PER_DISTRICT
        if seed.number and fits and seed.number not in self._numbers:
            return seed.number
        number = base + 1 + (FIRST_ZONE if seed.kind == "industrial_zone" else 0)
        while number in self._numbers:
            number += 1
        return number

    def _merge(self, seed: AreaSeed) -> None:
        area = self._known.get(seed.identity)
        target = self._known.get(_place(seed.merged_into or "", seed.district))
        if target is None or not target.active or target is area:
            raise BadAreaList(f"{seed.name} is merged into {seed.merged_into}, which is no other living area.")
        if area is None:
            self._changes.unchanged += 1
            return
        self._retire(area, target)

    def _retire(self, area: Area, into: Area) -> None:
        self._named.add(area)
        if not area.active and area.merged_into == into.id:
            self._changes.unchanged += 1
            return
        area.active, area.merged_into = False, into.id
        self._changes.merged.append(area.name)

    def _close_others(self) -> None:
        for area in self._areas:
            if area.active and area not in self._named:
                area.active = False
                self._changes.deactivated.append(area.name)


def _check_once(seeds: list[AreaSeed]) -> None:
    seen: set[Identity] = set()
    for seed in seeds:
        if seed.identity in seen:
            where = f" in {seed.district}" if seed.district else ""
            raise BadAreaList(f"{seed.name} occurs twice{where}: keep one of them.")
        seen.add(seed.identity)


def _place(written: str, district: str | None) -> Identity:
    """ "Yenikent" lies in the same district, "Gebze/Yenikent" in that one."""
    before, _, name = written.rpartition("/")
    return identity_of(before or district, name)
