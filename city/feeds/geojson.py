"""Outages on maps, as GeoJSON (RFC 7946): one feature for each affected area."""

import json
from typing import Any

from city.feeds.markup import timestamp
from city.feeds.source import Source
from city.phases import Shown
from outages.board import AreaView

MEDIA_TYPE = "application/geo+json"


def geojson(source: Source) -> bytes:
    """Areas without imported borders have the geometry null: the standard's way to say "not located"."""
    features = [
        _feature(source, each, area)
        for each in source.shown
        for area_id in sorted(each.outage.area_ids)
        if (area := source.board.areas.get(area_id))
        if source.district is None or source.board.district_of(area).id == source.district.id
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _feature(source: Source, each: Shown, area: AreaView) -> dict[str, Any]:
    outage, zone = each.outage, source.wording.zone
    times = {"starts": outage.starts, "expected_end": outage.expected_end, "ended": outage.ended}
    properties = {
        "outage": outage.id,
        "revision": outage.revision,
        "phase": each.phase,
        "kind": outage.kind,
        "cause": outage.cause,
        "cause_tr": source.wording.cause(outage, "tr"),
        "cause_en": source.wording.cause(outage, "en"),
        "area": area.number,
        "name": area.name,
        "district": source.board.district_of(area).name,
        "whole_district": area.district_id is None,
        "streets": outage.streets.get(area.id),
        **{name: timestamp(at, zone) if at else None for name, at in times.items()},
        "demonstration": outage.demonstration,
        "link": source.address(each),
    }
    shape = source.shapes(area.id)
    return {
        "type": "Feature",
        "id": f"{outage.id}-{area.number}",
        "geometry": dict(shape) if shape else None,
        "properties": properties,
    }
