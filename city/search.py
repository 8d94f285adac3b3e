"""Areas found by what a citizen types: "gebze yeni", "İZMİT yahya", "cayirova"."""

from collections.abc import Sequence

from outages.board import AreaView, Board
from outages.keys import folded

LONGEST = 60
_MOST_WORDS = 6
_NOISE = frozenset({"mah", "mh", "mahalle", "mahallesi", "ilce", "ilcesi", "koyu"})


def find(board: Board, typed: str, limit: int = 12) -> Sequence[AreaView]:
    """Areas in whose name or district's name each typed word begins a word; the closest first."""
    words = folded(typed[:LONGEST]).split()[:_MOST_WORDS]
    wanted = [word for word in words if word not in _NOISE] or words
    if not wanted:
        return []
    ranked = [(rank, area.number, area) for area in board.areas.values() if (rank := _rank(board, area, wanted))]
    return [area for _, _, area in sorted(ranked, key=lambda hit: hit[:2])[:limit]]


def _rank(board: Board, area: AreaView, wanted: list[str]) -> int:
    """1 its very name, 2 a district that begins so, 3 its name begins so, 4 with its district, 0 not."""
    own = folded(area.name).split()
    names = own if area.district_id is None else own + folded(board.district_of(area).name).split()
    if not all(any(name.startswith(word) for name in names) for word in wanted):
        return 0
    if not any(name.startswith(word) for name in own for word in wanted):
        return 0  # a district's name alone means the district, not all that lies in it
    if [name for name in own if name not in _NOISE] == wanted or own == wanted:
        return 1
    if all(any(name.startswith(word) for name in own) for word in wanted):
        return 2 if area.district_id is None else 3
    return 4
