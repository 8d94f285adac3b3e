"""Borders for the map: matched by name, and refused in one sentence when they are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from outages import repository
from outages.borders import BadBorders, borders_of, keep_borders, read_borders
from storage.database import Database
from tests.outage_world import add_places

REFERENCE = Path(__file__).parents[2] / "shared/data/kocaeli_districts_simplified.geojson"
RING = [[29.4, 40.8], [29.5, 40.8], [29.5, 40.900000004], [29.4, 40.8]]


def feature(name: str, **more: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [RING]} | more.pop("geometry", {})
    return {"type": "Feature", "properties": {"name": name, **more}, "geometry": geometry}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "attribution": "somebody", "features": features}).encode()


async def test_borders_are_kept_for_the_areas_of_these_names_and_replaced(db: Database) -> None:
    places = await add_places(db)
    async with db.session() as session:
        areas = await repository.areas(session, merged=True)
        first = read_borders(collection(feature("GEBZE"), feature("Nowhere"), feature("Barış", ilce="Gebze")), areas)
        assert (set(first.shapes), list(first.unknown)) == ({places.gebze, places.baris}, ["Nowhere"])
        await keep_borders(session, first)
        await keep_borders(session, read_borders(collection(feature("Gebze")), areas))
        await session.commit()
    async with db.reading() as session:
        (kept,) = await borders_of(session)
    assert (kept.area_id, kept.credit) == (places.gebze, "somebody")
    assert kept.geometry["coordinates"][0][2] == [29.5, 40.9]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x00\xff", "no GeoJSON"),
        (b"[" * 100_000, "no GeoJSON"),
        (b"{}", "no features"),
        (collection({"type": "Feature"}), "no properties"),
        (collection({"properties": {"ilce": 3}}), "no name"),
        (collection(feature("Gebze", geometry={"type": "Point"})), "no Polygon"),
        (collection(feature("Gebze", geometry={"coordinates": [[[500000, 4500000]]]})), "in degrees"),
        (collection(feature("Gebze", geometry={"coordinates": 5})), "in degrees"),
        (collection(feature("Atlantis")), "None of the names"),
    ],
)
async def test_what_is_no_map_is_refused_in_one_sentence(db: Database, data: bytes, told: str) -> None:
    await add_places(db)
    async with db.reading() as session:
        areas = await repository.areas(session)
    with pytest.raises(BadBorders, match=told):
        read_borders(data, areas)
