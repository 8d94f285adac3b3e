"""Names of places as sentences want them; Turkish, whatever the language of the call."""

from collections.abc import Iterable

from outages.board import AreaView, Board
from prompts.grammar import grammar
from prompts.prompt import Prompt

_TURKISH = grammar("tr")


def name(area: AreaView) -> Prompt:
    """ "Yeni Mahalle", "Gebze": in lists, where the district is known."""
    return Prompt("area.name", area.spoken)


def here(board: Board, area: AreaView) -> Prompt:
    """ "Gebze ilçesi, Yeni Mahalle'de", "Gebze ilçesinde"."""
    if area.district_id is None:
        return Prompt("area.here", f"{area.spoken} ilçesinde")
    district = board.district_of(area).spoken
    return Prompt("area.here", f"{district} ilçesi, {_TURKISH.place(area.spoken, 'locative')}")


def full_name(board: Board, area: AreaView) -> list[Prompt]:
    """ "Gebze ilçesi," "Yeni Mahalle"."""
    district = Prompt("area.district", f"{board.district_of(area).spoken} ilçesi,")
    return [district] if area.district_id is None else [district, name(area)]


def area_prompts(board: Board) -> list[Prompt]:
    """All names of places, in every form that a sentence takes."""
    return unique(p for area in board.areas.values() for p in (name(area), here(board, area), *full_name(board, area)))


def unique(prompts: Iterable[Prompt]) -> list[Prompt]:
    return list({prompt.digest: prompt for prompt in prompts}.values())
