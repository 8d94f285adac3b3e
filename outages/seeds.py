"""An area as a list gives it, before it has an id."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from outages.board import AreaKind
from outages.keys import keypad, search_key, sort_key
from outages.names import match_key, spoken_district, spoken_keys, spoken_neighbourhood, spoken_zone

PER_DISTRICT = 1000
"""Numbers 8001, 8002, … lie in district 8; its industrial zones begin at 8901."""
FIRST_ZONE = 900


@dataclass(frozen=True, slots=True)
class AreaSeed:
    """An area as a list gives it, before it has an id."""

    kind: AreaKind
    name: str
    spoken: str
    district: str | None
    """None for a district itself."""
    search_key: str
    keypad: str
    number: int
    population: int | None = None
    formerly: str | None = None
    """Its name in an earlier list: the area keeps its id."""
    merged_into: str | None = None
    """The area of the same district that took it in: it is no longer offered."""

    @property
    def identity(self) -> tuple[str, str]:
        """What two lists must agree on to mean the same area."""
        return identity_of(self.district, self.name)


def identity_of(district: str | None, name: str) -> tuple[str, str]:
    """Equal for all writings of one area; `district` is None for a district itself."""
    return match_key(district or ""), match_key(name)


def seed(kind: AreaKind, name: str, district: str | None, *, spoken: str | None = None, **more: Any) -> AreaSeed:
    """An area with its keys; `number` 0 is replaced by `numbered`."""
    say = {"district": spoken_district, "neighbourhood": spoken_neighbourhood, "industrial_zone": spoken_zone}[kind]
    said = spoken or say(name)
    keys = keypad(said) if kind == "district" else spoken_keys(said)
    return AreaSeed(kind, name, said, district, search_key(name), keys, **{"number": 0, **more})


def numbered(seeds: Iterable[AreaSeed]) -> list[AreaSeed]:
    """Districts 1, 2, … and their areas district × 1000 + 1, … in Turkish alphabetical order; given numbers stay."""
    seeds = list(seeds)
    taken = {area.number for area in seeds if area.number}
    districts = _in_order((area for area in seeds if area.district is None), 0, taken)
    done = list(districts)
    for district in districts:
        inside = [area for area in seeds if area.district == district.name]
        base = district.number * PER_DISTRICT
        done += _in_order((area for area in inside if area.kind == "neighbourhood"), base, taken)
        done += _in_order((area for area in inside if area.kind == "industrial_zone"), base + FIRST_ZONE, taken)
    return done


def _in_order(areas: Iterable[AreaSeed], base: int, taken: set[int]) -> list[AreaSeed]:
    done, number = [], base
    for area in sorted(areas, key=lambda area: sort_key(area.name)):
        if not area.number:
            number += 1
            while number in taken:
                number += 1
            taken.add(number)
            area = replace(area, number=number)
        done.append(area)
    return sorted(done, key=lambda area: area.number)
