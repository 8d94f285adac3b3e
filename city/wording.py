"""Outages in written sentences, Turkish and English, that stay true whenever they are read."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from city.phases import Phase, Shown
from outages.board import AreaView, Board, OutageView
from outages.keys import sort_key
from prompts.catalogue import Catalogue, UnknownPhrase
from web.texts import Language, Texts

_LOCALE = {"tr": "tr_TR", "en": "en_GB"}
_MOST_NAMES = 6


@dataclass(frozen=True)
class Wording:
    catalogue: Catalogue
    texts: Texts
    zone: ZoneInfo

    def cause(self, outage: OutageView, language: Language) -> str:
        return self._phrase(f"cause.{outage.cause}", language) or self._phrase("cause.unknown", language) or ""

    def crew(self, outage: OutageView, language: Language) -> str | None:
        return self._phrase(f"crew.{outage.crew}", language) if outage.crew else None

    def announcement(self, outage: OutageView, language: Language) -> str | None:
        return outage.announcement.get(language) or outage.announcement.get("tr")

    def moment(self, at: datetime, language: Language) -> str:
        """With date and year: feeds are read later, elsewhere."""
        return _written(at.astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None), language)

    def places(self, board: Board, outage: OutageView, language: Language, most: int = _MOST_NAMES) -> str:
        """ "Gebze (Yeni Mahalle, Barış); Körfez": a district alone means all of it."""
        told = []
        for district, areas in by_district(board, outage):
            names = [area.name for area in areas[:most]]
            if len(areas) > most:
                names.append(self.texts.say("feeds.more", language, n=len(areas) - most))
            told.append(f"{district.name} ({', '.join(names)})" if names else district.name)
        return "; ".join(told)

    def phase(self, phase: Phase, language: Language) -> str:
        return self.texts.say(f"feeds.phase_{phase}", language)

    def headline(self, board: Board, shown: Shown, language: Language) -> str:
        return self.texts.say(
            f"feeds.headline_{shown.phase}",
            language,
            places=self.places(board, shown.outage, language),
            cause=self.cause(shown.outage, language),
        )

    def sentences(self, board: Board, shown: Shown, language: Language) -> list[str]:
        """What happened, until when, who works on it, and where water is to be had."""
        outage = shown.outage
        slots = {
            "starts": self.moment(outage.starts, language),
            "end": self.moment(outage.expected_end, language) if outage.expected_end else "",
            "ended": self.moment(outage.ended, language) if outage.ended else "",
        }
        known = "" if outage.expected_end or shown.phase in ("back", "cancelled") else "_open"
        told = [self.texts.say(f"feeds.time_{shown.phase}{known}", language, **slots)]
        if outage.subscribers and shown.phase != "cancelled":
            told.append(self.texts.say("feeds.subscribers", language, n=outage.subscribers))
        if shown.phase in ("off", "late"):
            told += [crew for crew in [self.crew(outage, language)] if crew]
        told += [
            f"{board.areas[area_id].name}: {streets}"
            for area_id, streets in outage.streets.items()
            if area_id in board.areas
        ]
        told += [said for said in [self.announcement(outage, language)] if said]
        return told

    def instruction(self, outage: OutageView, language: Language) -> str | None:
        if not outage.tanker_points:
            return None
        return self.texts.say("feeds.tankers", language, points=outage.tanker_points)

    def _phrase(self, key: str, language: Language) -> str | None:
        try:
            return self.catalogue.phrase(key, language).text
        except UnknownPhrase:
            return None


@lru_cache(maxsize=4096)
def _written(local: datetime, language: Language) -> str:
    return format_datetime(local, "d MMMM y EEEE HH:mm", locale=_LOCALE[language])


def by_district(board: Board, outage: OutageView) -> list[tuple[AreaView, list[AreaView]]]:
    """Districts with the affected areas in them, in Turkish order; none of them for a whole district."""
    found: dict[int, list[AreaView]] = {}
    for area_id in outage.area_ids:
        if area := board.areas.get(area_id):
            inside = found.setdefault(board.district_of(area).id, [])
            if area.district_id is not None:
                inside.append(area)
    whole = {area_id for area_id in outage.area_ids if area_id in found}
    districts = sorted((board.areas[district_id] for district_id in found), key=lambda d: sort_key(d.name))
    return [(d, [] if d.id in whole else sorted(found[d.id], key=lambda area: sort_key(area.name))) for d in districts]
