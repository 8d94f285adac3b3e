"""What an outage holds, in the words of the pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callflows.wording import Wording
from console.office import Office
from outages.board import Board
from outages.life import Cause, Crew
from prompts.catalogue import Catalogue
from prompts.turkish_words import capitalise
from web.moments import Moments
from web.texts import Language

PLANNED_CAUSES = frozenset({Cause.maintenance, Cause.renewal, Cause.new_connection, Cause.tank_cleaning})
FIELDS = (
    "areas",
    "kind",
    "cause",
    "starts",
    "expected_end",
    "actual_end",
    "subscribers",
    "crew",
    "tanker_points",
    "announcement_tr",
    "announcement_en",
)
"""In the order in which pages show them."""
_TIMES = {"starts", "expected_end", "actual_end", "publish_at", "submitted_at"}
MOST_PLACES = 6


@dataclass(frozen=True)
class Words:
    """One reader's words for the values of an outage."""

    office: Office
    language: Language

    @property
    def board(self) -> Board:
        return self.office.keeper.board

    @property
    def when(self) -> Moments:
        return Moments(self.language, self.office.pages.zone, self.office.now())

    def t(self, key: str, **slots: object) -> str:
        return self.office.pages.texts.say(key, self.language, **slots)

    def cause(self, cause: str) -> str:
        return phrase(self.office.catalogue, f"cause.{cause}", self.language)

    def crew(self, crew: str) -> str:
        return phrase(self.office.catalogue, f"crew.{crew}", self.language)

    def causes(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Options by kind, faults first: they are in a hurry."""
        kinds = {"fault": [c for c in Cause if c not in PLANNED_CAUSES], "planned": [*PLANNED_CAUSES]}
        return [
            (self.t(f"outage.kind_{kind}"), [(c, self.cause(c)) for c in Cause if c in causes])
            for kind, causes in kinds.items()
        ]

    def crews(self) -> list[tuple[str, str]]:
        return [("", self.t("outage.crew_unknown")), *((crew, self.crew(crew)) for crew in Crew)]

    def area(self, area_id: int) -> str:
        """ "Gebze / Yeni Mahalle"; also what an area has become since."""
        area = self.board.area(area_id)
        if area is None:
            return f"#{area_id}"
        if area.district_id is None:
            return self.t("outage.whole_district", name=area.name)
        return f"{self.board.district_of(area).name} / {area.name}"

    def places(self, area_ids: Iterable[int], most: int = MOST_PLACES) -> str:
        """ "Gebze / Yeni Mahalle, Barış · Darıca (bütün ilçe)": by district, the rest counted."""
        areas = [area for area_id in area_ids if (area := self.board.area(area_id))]
        areas.sort(key=lambda area: (self.board.district_of(area).number, area.number))
        told: dict[str, list[str]] = {}
        for area in areas[:most]:
            named = told.setdefault(self.board.district_of(area).name, [])
            if area.district_id is not None:
                named.append(area.name)
        parts = [
            f"{district} / {', '.join(names)}" if names else self.t("outage.whole_district", name=district)
            for district, names in told.items()
        ]
        more = [self.t("outage.more_places", n=len(areas) - most)] if len(areas) > most else []
        return " · ".join([*parts, *more]) or "—"

    def value(self, name: str, value: Any) -> str:
        """A field's value, from facts or as a revision keeps it in JSON."""
        if value is None or value == "":
            return "—"
        if name in _TIMES:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
            return self.when.moment(at)
        if name == "areas":
            return self._areas(value)
        if name in ("kind", "life"):
            return self.t(f"outage.{name}_{value}")
        if name in ("cause", "crew"):
            return self.cause(value) if name == "cause" else self.crew(value)
        return self.when.number(value) if name == "subscribers" else str(value)

    def _areas(self, areas: Mapping[Any, str | None]) -> str:
        named = [(self.area(int(area_id)), streets) for area_id, streets in areas.items()]
        return "; ".join(f"{name} ({streets})" if streets else name for name, streets in named)


def phrase(catalogue: Catalogue, key: str, language: Language) -> str:
    """As callers hear it, as a label; a key of another system stands for itself."""
    prompt = Wording(catalogue, language).known(key)
    text = prompt.text if prompt else key.partition(".")[2]
    return capitalise(text) if language == "tr" else text[:1].upper() + text[1:]
