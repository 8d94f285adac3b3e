"""What callers heard, hear or will hear of one outage: for operators who listen before they publish, or look back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from callflows.speech import answer
from callflows.wording import Wording
from outages.board import AreaView, Board, OutageView
from outages.life import OutageFacts
from prompts.catalogue import Catalogue
from prompts.prompt import Language, Prompt, as_text


@dataclass(frozen=True, slots=True)
class Heard:
    """The announcement as callers of one area hear it."""

    area: AreaView
    prompts: tuple[Prompt, ...]

    @property
    def text(self) -> str:
        return as_text(self.prompts)


def view_of(facts: OutageFacts, outage_id: int = 0) -> OutageView:
    """Facts as callers would meet them, were they published."""
    texts = {"tr": facts.announcement_tr, "en": facts.announcement_en}
    return OutageView(
        id=outage_id,
        kind=facts.kind,
        cause=facts.cause,
        area_ids=frozenset(facts.areas),
        starts=facts.starts,
        expected_end=facts.expected_end,
        ended=facts.actual_end,
        tanker_points=facts.tanker_points,
        announcement={language: text for language, text in texts.items() if text},
        subscribers=facts.subscribers,
        crew=facts.crew,
        streets={area_id: streets for area_id, streets in facts.areas.items() if streets},
    )


def heard(
    facts: OutageFacts, board: Board, at: datetime, catalogue: Catalogue, language: Language = "tr"
) -> list[Heard]:
    """What callers of each area of the outage hear at `at`, as if it were the only one; nothing else is on the board.

    The first area's announcement stands for all where they differ only in the name of the place.
    """
    alone = _alone(board, view_of(facts), at)
    wording = Wording(catalogue, language)
    areas = [area for area_id in facts.areas if (area := alone.area(area_id))]
    return [Heard(area, tuple(answer(alone, area, at, wording))) for area in areas]


def spoken_text(
    facts: OutageFacts, board: Board, at: datetime, catalogue: Catalogue, language: Language = "tr"
) -> str | None:
    """What a caller of the outage's first area heard at `at`; None where none of its areas is known any more."""
    first = next(iter(heard(facts, board, at, catalogue, language)), None)
    return first.text if first else None


def hearers(facts: OutageFacts, board: Board) -> list[AreaView]:
    """Whoever calls from one of these hears of it: its areas, all that lies in its districts, and whole districts."""
    alone = _alone(board, replace(view_of(facts), ended=None), facts.starts)
    return [area for area in _in_order(alone.areas.values()) if alone.current(area.id, facts.starts)]


def _in_order(areas: Iterable[AreaView]) -> list[AreaView]:
    return sorted(areas, key=lambda area: area.number)


def _alone(board: Board, view: OutageView, at: datetime) -> Board:
    """Areas that were merged away since are heard as what they have become."""
    present = {area_id: board.merged.get(area_id, area_id) for area_id in view.area_ids}
    view = replace(
        view,
        area_ids=frozenset(present.values()),
        streets={present[area_id]: streets for area_id, streets in view.streets.items()},
    )
    return Board(version=0, made=at, areas=board.areas, outages=(view,), merged=board.merged)
