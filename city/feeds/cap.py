"""Outages for warning systems, as Common Alerting Protocol 1.2: an Alert, its Updates, and a Cancel."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from city.chain import Chain, Heard
from city.feeds.markup import ATOM, CAP, Element, child, timestamp, written
from city.feeds.source import Geometry, Source
from city.phases import Shown, phase_of
from outages.board import LATELY, AreaView, OutageView
from web.texts import LANGUAGES, Language

MEDIA_TYPE = "application/cap+xml; charset=utf-8"
INDEX_TYPE = "application/atom+xml; charset=utf-8"
SOON = timedelta(hours=1)
HOLDS = timedelta(hours=24)
"""How long an alert without an estimate holds, unless an update comes first."""
MANY = 10_000
"""Subscribers from which an outage is moderate whatever its cause."""
_GRAVE = {"quality": "Severe", "flood": "Severe", "drought": "Moderate", "treatment_plant": "Moderate"}
_CODES = {"tr": "tr-TR", "en": "en-US"}
_MOST_POINTS = 2_000


def identifier(heard: Heard) -> str:
    return f"alo185.{heard.outage.id}.{heard.outage.revision}"


def alert(source: Source, heard: Heard) -> bytes:
    """One message, as it was sent: read later, it says the same."""
    then = replace(source, now=heard.sent)
    root = Element(f"{{{CAP}}}alert")
    _add(root, "identifier", identifier(heard))
    _add(root, "sender", _sender(source))
    _add(root, "sent", timestamp(heard.sent, source.wording.zone))
    _add(root, "status", "Test" if heard.outage.demonstration else "Actual")
    _add(root, "msgType", heard.kind)
    _add(root, "scope", "Public")
    if heard.earlier:
        _add(root, "references", " ".join(_reference(source, each) for each in heard.earlier))
    for language in LANGUAGES:
        _info(_add(root, "info"), replace(then, language=language), heard, language)
    return written(root, _=CAP)


def index(source: Source, path: str, chains: Mapping[int, Chain]) -> bytes:
    """The latest message of everything that is shown, as an Atom feed that links to it."""
    feed = Element(f"{{{ATOM}}}feed", {"xml:lang": source.language})
    zone, texts = source.wording.zone, source.wording.texts
    latest = [chain[-1] for each in source.shown if (chain := chains.get(each.outage.id))]
    updated = max((heard.sent for heard in latest), default=source.modified)
    for name, text in (
        ("id", source.tag("cap")),
        ("title", f"{source.title} (CAP 1.2)"),
        ("updated", timestamp(updated, zone)),
    ):
        child(feed, f"{{{ATOM}}}{name}", text)
    author = child(feed, f"{{{ATOM}}}author")
    child(author, f"{{{ATOM}}}name", texts.say("feeds.sender", source.language))
    child(feed, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=f"{source.base_url}{path}")
    for heard in latest:
        _index_entry(child(feed, f"{{{ATOM}}}entry"), source, heard)
    return written(feed, _=ATOM)


def _index_entry(entry: Element, source: Source, heard: Heard) -> None:
    href = f"{source.base_url}/feeds/cap/{identifier(heard)}.xml"
    child(entry, f"{{{ATOM}}}id", source.tag(f"cap:{identifier(heard)}"))
    child(entry, f"{{{ATOM}}}title", source.wording.headline(source.board, _as_told(heard), source.language))
    child(entry, f"{{{ATOM}}}updated", timestamp(heard.sent, source.wording.zone))
    child(entry, f"{{{ATOM}}}link", rel="alternate", type="application/cap+xml", href=href)
    child(entry, f"{{{ATOM}}}category", term=heard.kind)


def _info(info: Element, source: Source, heard: Heard, language: Language) -> None:
    outage, told, words = heard.outage, _as_told(heard), source.wording
    zone, board, texts = words.zone, source.board, words.texts
    for name, text in (
        ("language", _CODES[language]),
        ("category", "Infra"),
        ("event", texts.say("feeds.event", language)),
        ("responseType", _response(told)),
        ("urgency", _urgency(told, heard)),
        ("severity", _severity(source, outage)),
        ("certainty", "Likely" if told.phase == "coming" else "Observed"),
        ("effective", timestamp(heard.sent, zone)),
        ("onset", timestamp(outage.starts, zone)),
        ("expires", timestamp(heard.sent + _holds(told, heard), zone)),
        ("senderName", texts.say("feeds.sender", language)),
        ("headline", words.headline(board, told, language)),
        ("description", "\n".join(words.sentences(board, told, language))),
        ("instruction", words.instruction(outage, language)),
        ("web", source.address(told)),
        ("contact", texts.say("feeds.contact", language)),
    ):
        if text is not None:
            _add(info, name, text)
    areas = [(area_id, area) for area_id in sorted(outage.area_ids) if (area := board.area(area_id))]
    for area_id, area in areas:
        _area(_add(info, "area"), source, outage, area_id, area)


def _area(element: Element, source: Source, outage: OutageView, area_id: int, area: AreaView) -> None:
    district = source.board.district_of(area)
    name = area.name if area.id == district.id else f"{district.name}, {area.name}"
    streets = outage.streets.get(area_id)
    _add(element, "areaDesc", f"{name}: {streets}" if streets else name)
    for ring in _rings(source.shapes(area.id)):
        # GeoJSON writes longitude first, CAP latitude
        _add(element, "polygon", " ".join(f"{lat:.5f},{lon:.5f}" for lon, lat, *_ in ring[:_MOST_POINTS]))
    code = _add(element, "geocode")
    _add(code, "valueName", "ALO185_AREA")
    _add(code, "value", str(area.number))


def _rings(shape: Geometry | None) -> list[list[list[float]]]:
    """Outer borders; CAP knows no holes."""
    if shape is None:
        return []
    polygons = {"Polygon": [shape.get("coordinates")], "MultiPolygon": shape.get("coordinates")}.get(shape["type"])
    return [polygon[0] for polygon in polygons or [] if polygon and len(polygon[0]) >= 4]


def _as_told(heard: Heard) -> Shown:
    phase = "cancelled" if heard.kind == "Cancel" else phase_of(heard.outage, heard.sent)
    return Shown(heard.outage, phase, heard.sent)


def _response(told: Shown) -> str:
    return {"coming": "Prepare", "back": "AllClear", "cancelled": "None"}.get(told.phase, "Monitor")


def _urgency(told: Shown, heard: Heard) -> str:
    if told.phase in ("back", "cancelled"):
        return "Past"
    if told.phase == "coming":
        return "Expected" if heard.outage.starts - heard.sent <= SOON else "Future"
    return "Immediate"


def _severity(source: Source, outage: OutageView) -> str:
    if grave := _GRAVE.get(outage.cause):
        return grave
    areas = (source.board.area(area_id) for area_id in outage.area_ids)
    wide = any(area is not None and area.district_id is None for area in areas)
    return "Moderate" if wide or (outage.subscribers or 0) >= MANY else "Minor"


def _holds(told: Shown, heard: Heard) -> timedelta:
    if told.phase in ("back", "cancelled"):
        return LATELY
    end = heard.outage.expected_end
    if end and end > heard.sent:
        return end - heard.sent
    return max(HOLDS, heard.outage.starts - heard.sent + HOLDS)


def _reference(source: Source, heard: Heard) -> str:
    return f"{_sender(source)},{identifier(heard)},{timestamp(heard.sent, source.wording.zone)}"


def _sender(source: Source) -> str:
    """CAP forbids blanks, commas and the characters < and & in it."""
    return f"alo185@{source.host}"


def _add(parent: Element, name: str, text: str | None = None, /) -> Element:
    return child(parent, f"{{{CAP}}}{name}", text)
