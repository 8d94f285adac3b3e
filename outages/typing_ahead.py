"""What an operator may mean who is still typing the name of an area."""

from dataclasses import dataclass

from outages.board import AreaView, Board

MOST = 8
"""Suggestions that a person reads at a glance."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    area: AreaView
    district: AreaView | None
    """None for a district itself."""
    former: str | None = None
    """The area's old name, where it was found by that."""

    @property
    def label(self) -> str:
        """ "Gebze / Yeni Mahalle", so that namesakes are told apart; "Gebze"."""
        return f"{self.district.name} / {self.area.name}" if self.district else self.area.name


def suggest(board: Board, text: str, limit: int = MOST) -> list[Suggestion]:
    """Areas by any part of their name and district, in any order, with or without Turkish letters, best first."""
    return [_suggestion(board, hit.area_id, hit.former) for hit in board.index.find(text, limit)]


def _suggestion(board: Board, area_id: int, former: str | None) -> Suggestion:
    area = board.areas[area_id]
    return Suggestion(area, board.areas[area.district_id] if area.district_id else None, former)
