"""Areas found by what a citizen types: "gebze yeni", "İZMİT yahya", "cayirova"."""

from collections.abc import Sequence

from outages.board import AreaView, Board
from outages.typing_ahead import suggest

LONGEST = 60
MOST = 12


def find(board: Board, typed: str) -> Sequence[AreaView]:
    """The closest first."""
    return [suggestion.area for suggestion in suggest(board, typed[:LONGEST], MOST)]
