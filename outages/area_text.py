"""Areas written in one line, "Gebze/Yeni Mahalle; Darıca", as a page without script sends them."""

import re
from dataclasses import dataclass

from outages.board import Board
from outages.names import match_key
from outages.typing_ahead import Suggestion, suggest

MOST_NAMES = 60
_BETWEEN = re.compile(r"[;,\n]+")


@dataclass(frozen=True, slots=True)
class Unclear:
    """A name that means no area, or more than one."""

    text: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Named:
    area_ids: tuple[int, ...]
    unclear: tuple[Unclear, ...] = ()


def named(board: Board, text: str) -> Named:
    """Only a whole name is taken for an area; whoever writes less is asked, lest the wrong people stay dry."""
    found: dict[int, None] = {}
    unclear = []
    for name in [part.strip() for part in _BETWEEN.split(text) if part.strip()][:MOST_NAMES]:
        suggestions = suggest(board, name.replace("/", " "))
        exact = [each for each in suggestions if match_key(name.replace("/", " ")) in _keys(each)]
        if len(exact) == 1:
            found[exact[0].area.id] = None
        else:
            unclear.append(Unclear(name, tuple(exact or suggestions)))
    return Named(tuple(found), tuple(unclear))


def _keys(suggestion: Suggestion) -> set[str]:
    names = [suggestion.area.name, suggestion.area.spoken, *([suggestion.former] if suggestion.former else [])]
    district = suggestion.district.name if suggestion.district else ""
    return {match_key(name) for name in names} | {match_key(f"{district} {name}") for name in names}
