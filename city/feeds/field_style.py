"""Outages as JSON in the style of Turkish utilities; `outages/feed.py` reads it back."""

import json
from typing import Any

from city.feeds.markup import timestamp
from city.feeds.source import Source
from city.phases import Phase, Shown
from city.wording import by_district
from outages.board import AreaView, OutageView

MEDIA_TYPE = "application/json"
_STATES: dict[Phase, str] = {
    "off": "Devam Ediyor",
    "late": "Devam Ediyor",
    "coming": "Planlandı",
    "back": "Giderildi",
    "cancelled": "İptal",
}


def field_style(source: Source) -> bytes:
    """An entry for each district of each outage, with the same `ArizaID`; no neighbourhood means all of them."""
    entries = [
        _entry(source, each, district, areas)
        for each in source.shown
        for district, areas in by_district(source.board, each.outage)
        if source.district is None or district.id == source.district.id
    ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()


def _entry(source: Source, each: Shown, district: AreaView, areas: list[AreaView]) -> dict[str, Any]:
    outage, zone = each.outage, source.wording.zone
    times = {
        "KesintiTarihi": outage.starts,
        "Ongoru": outage.expected_end,
        "ArizaGiderilmeTarihi": outage.ended,
        "GuncellemeTarihi": outage.updated,
    }
    return {
        "ArizaID": outage.id,
        "IlceAdi": district.name,
        "MahalleID": [area.number for area in areas],
        "MahalleAdi": [area.name for area in areas],
        "Sokaklar": _streets(outage),
        "Tip": "Planlı" if outage.kind == "planned" else "Arıza",
        "ArizaDurumu": _STATES[each.phase],
        "Neden": outage.cause,
        "ArizaNedeni": source.wording.cause(outage, "tr"),
        **{name: timestamp(at, zone) if at else None for name, at in times.items()},
        "EtkilenenAboneSayisi": outage.subscribers,
        "TankerNoktalari": outage.tanker_points,
        "Duyuru": outage.announcement.get("tr"),
        "DuyuruIngilizce": outage.announcement.get("en"),
        "Deneme": outage.demonstration,
    }


def _streets(outage: OutageView) -> str | None:
    """The style has one text for all of an outage; told only where it holds for every area."""
    told = {outage.streets.get(area_id) for area_id in outage.area_ids}
    return told.pop() if len(told) == 1 else None
