"""Borders of districts and neighbourhoods out of a GeoJSON file, for maps and feeds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.area_search import AreaSearch, UnknownPlace
from outages.errors import OutageError
from outages.models import Area, AreaBorder
from outages.tables import bytes_of
from outages.values import shown

Geometry = dict[str, Any]
"""GeoJSON `Polygon` or `MultiPolygon`, longitude before latitude (RFC 7946)."""

MOST_BYTES = 20_000_000
MOST_POINTS = 200_000
DIGITS = 5
"""Of a degree: about a metre."""
_NAME = ("mahalle", "MAHALLE", "name", "NAME", "ad", "AD", "ilce", "ilçe", "ILCE")
_DISTRICT = ("district", "ilce", "ilçe", "ILCE")


class BadBorders(OutageError):
    code = "bad_borders"


@dataclass(frozen=True, slots=True)
class Borders:
    """What a file holds, matched to our areas."""

    shapes: Mapping[int, Geometry]
    credit: str | None
    unknown: Sequence[str]
    """Names in the file that are none of ours."""


def read_borders(file: Path | bytes, areas: Iterable[Area]) -> Borders:
    """Raises BadBorders for what is no GeoJSON of polygons with names of ours."""
    data = bytes_of(file, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise BadBorders(f"The file is larger than {MOST_BYTES // 1_000_000} MB: simplify the borders before.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise BadBorders("This file is no GeoJSON: export the borders as GeoJSON in WGS 84 (EPSG:4326).") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise BadBorders("This file holds no features: it should be a GeoJSON FeatureCollection with polygons.")
    search, shapes, unknown, points = AreaSearch(areas), {}, [], 0
    for number, feature in enumerate(features, 1):
        geometry, name, district = _parts(feature, number)
        points += _count(geometry["coordinates"])
        if points > MOST_POINTS:
            raise BadBorders(f"The borders have more than {MOST_POINTS} points: simplify them before.")
        try:
            found = search.find(district, name) if district else search.find(name, None)
        except UnknownPlace:
            unknown.append(name)
        else:
            shapes[found.id] = geometry
    if not shapes:
        raise BadBorders(f"None of the names in this file is one of our areas; the first is {shown(unknown[0])}.")
    credit = document.get("attribution")
    return Borders(shapes, credit[:200] if isinstance(credit, str) else None, unknown)


async def keep_borders(session: AsyncSession, borders: Borders) -> None:
    """Replace the borders of the areas that are given; others keep theirs. The caller commits."""
    await session.execute(delete(AreaBorder).where(AreaBorder.area_id.in_(borders.shapes)))
    session.add_all(
        AreaBorder(area_id=area_id, geometry=geometry, credit=borders.credit)
        for area_id, geometry in borders.shapes.items()
    )


async def borders_of(session: AsyncSession, kind: str = "district") -> list[AreaBorder]:
    """Borders of all areas of a kind."""
    query = select(AreaBorder).join(Area, Area.id == AreaBorder.area_id).where(Area.kind == kind, Area.active)
    return list(await session.scalars(query.order_by(Area.number)))


def _parts(feature: Any, number: int) -> tuple[Geometry, str, str | None]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise BadBorders(f"Feature {number} has no properties: each needs a name.")
    name, district = _first(properties, _NAME), _first(properties, _DISTRICT)
    if name is None:
        raise BadBorders(f"Feature {number} has no name: call the property name, ilce or mahalle.")
    geometry = feature.get("geometry")
    depth = {"Polygon": 2, "MultiPolygon": 3}.get(geometry.get("type", "") if isinstance(geometry, dict) else "")
    if depth is None:
        raise BadBorders(f"Feature {number} ({shown(name)}) is no Polygon or MultiPolygon.")
    try:
        coordinates = _rounded(geometry["coordinates"], depth)
    except (KeyError, TypeError, ValueError):
        raise BadBorders(
            f"The coordinates of feature {number} ({shown(name)}) are no longitudes and latitudes in degrees."
        ) from None
    return {"type": geometry["type"], "coordinates": coordinates}, name, district if district != name else None


def _first(properties: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    given = (properties.get(key) for key in keys)
    return next((value.strip()[:120] for value in given if isinstance(value, str) and value.strip()), None)


def _rounded(value: Any, depth: int) -> Any:
    if depth:
        if not isinstance(value, list) or not value:
            raise ValueError
        return [_rounded(inner, depth - 1) for inner in value]
    longitude, latitude = (float(part) for part in value[:2])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError
    return [round(longitude, DIGITS), round(latitude, DIGITS)]


def _count(coordinates: list[Any]) -> int:
    return sum(map(_count, coordinates)) if isinstance(coordinates[0], list) else 1
