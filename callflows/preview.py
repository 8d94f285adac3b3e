"""What callers would hear, were an outage published as it stands: the board with it, beside all else that is on it."""

from dataclasses import replace
from datetime import datetime

from callflows.on_air import Heard, view_of
from callflows.speech import answer
from callflows.wording import Wording
from outages.board import NEXT, AreaView, Board
from outages.life import OutageFacts
from prompts.catalogue import Catalogue
from prompts.prompt import Language


def board_with(board: Board, facts: OutageFacts, outage_id: int, at: datetime) -> Board:
    """The board of that moment with the outage on it, in place of what it said before."""
    others = (view for view in board.outages if view.id != outage_id)
    return replace(board, made=at, outages=(*others, view_of(facts, outage_id)))


def heard_from(board: Board, area: AreaView, at: datetime, catalogue: Catalogue, language: Language) -> Heard:
    """What a caller from the area hears at that moment."""
    return Heard(area, tuple(answer(board, area, at, Wording(catalogue, language))))


def moments(facts: OutageFacts, now: datetime) -> list[datetime]:
    """When callers hear of it in different words: now, unless it is too far ahead, and once it has begun."""
    if facts.starts <= now:
        return [now]
    return [now, facts.starts] if facts.starts <= now + NEXT else [facts.starts]
