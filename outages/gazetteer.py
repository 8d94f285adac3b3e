"""The areas that callers can name: from the public register by province code, or from a utility's own list."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from outages.area_list import read_areas_csv
from outages.names import tidy
from outages.register import PLACES, Entry, Fetch, read_register
from outages.seeds import AreaSeed, numbered, seed

__all__ = ["AreaSeed", "load_city", "read_areas_csv", "tile_positions"]


def load_city(city_code: str, folder: Path | None = None, fetch: Fetch | None = None) -> list[AreaSeed]:
    """Districts, neighbourhoods, villages and industrial zones of a province, numbered, districts first.

    `folder` keeps the register's lines as `areas-<code>.json`, so that only the first start needs the network.
    """
    entries = read_register(city_code, folder, fetch)
    supplement = _supplement(city_code)
    return numbered([*_unique(_named(entry, supplement) for entry in entries), *_zones(supplement)])


def tile_positions(city_code: str) -> dict[str, tuple[int, int]]:
    """Column and row of each district on a schematic map, by name; empty where nobody has drawn one."""
    return {name: (column, row) for name, (column, row) in _supplement(city_code).get("tiles", {}).items()}


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
            known_as = {"spoken": zone.get("spoken"), "formerly": zone.get("formerly")}
            yield seed("industrial_zone", zone["name"], district, **known_as)


def _supplement(city_code: str) -> dict[str, Any]:
    file = PLACES / f"{int(city_code):02}.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}
