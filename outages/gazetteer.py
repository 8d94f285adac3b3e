"""The areas that callers can name: from the public register by province code, or from a utility's own list."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from outages.board import AreaKind
from outages.keys import keypad, search_key, sort_key
from outages.names import match_key, spoken_district, spoken_keys, spoken_neighbourhood, spoken_zone, tidy
from outages.register import PLACES, Entry, Fetch, read_register

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
        return ("", match_key(self.name)) if self.district is None else (match_key(self.district), match_key(self.name))


def seed(kind: AreaKind, name: str, district: str | None, *, spoken: str | None = None, **more: Any) -> AreaSeed:
    """An area with its keys; `number` 0 is replaced by `numbered`."""
    say = {"district": spoken_district, "neighbourhood": spoken_neighbourhood, "industrial_zone": spoken_zone}[kind]
    said = spoken or say(name)
    keys = keypad(said) if kind == "district" else spoken_keys(said)
    return AreaSeed(kind, name, said, district, search_key(name), keys, **{"number": 0, **more})


def load_city(city_code: str, folder: Path | None = None, fetch: Fetch | None = None) -> list[AreaSeed]:
    """Districts, neighbourhoods, villages and industrial zones of a province, numbered, districts first.

    `folder` keeps the register's lines as `areas-<code>.json`, so that only the first start needs the network.
    """
    entries = read_register(city_code, folder, fetch)
    supplement = _supplement(city_code)
    return numbered([*_unique(_named(entry, supplement) for entry in entries), *_zones(supplement)])


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


def _named(entry: Entry, supplement: dict[str, Any]) -> AreaSeed:
    if entry.neighbourhood is None:
        return seed("district", tidy(entry.district), None, population=entry.population)
    district, name = tidy(entry.district), tidy(entry.neighbourhood)
    if entry.village and not name.endswith("Köyü"):
        name = f"{name} Köyü"
    better = supplement.get("names", {}).get(f"{district}/{name}", {})
    return seed(
        "neighbourhood",
        better.get("name", name),
        district,
        spoken=better.get("spoken"),
        population=entry.population,
    )


def _unique(areas: Iterable[AreaSeed]) -> Iterator[AreaSeed]:
    """Same-named neighbourhoods of one district (the registers of rural provinces have them) become one: no caller
    could tell them apart."""
    seen: dict[tuple[str, str], AreaSeed] = {}
    for area in areas:
        known = seen.get(area.identity)
        people = [a.population for a in (known, area) if a and a.population is not None]
        seen[area.identity] = replace(known or area, population=sum(people) if people else None)
    yield from seen.values()


def _zones(supplement: dict[str, Any]) -> Iterator[AreaSeed]:
    for district, zones in supplement.get("industrial_zones", {}).items():
        for zone in zones:
            yield seed("industrial_zone", zone["name"], district, spoken=zone.get("spoken"))


def _supplement(city_code: str) -> dict[str, Any]:
    file = PLACES / f"{int(city_code):02}.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}
