"""The conversation that is measured: announcement, one key, look-up, announcement, hang up."""

from callflows.call import Call
from callflows.desk import Desk
from callflows.speech import answer
from callflows.wording import Wording
from prompts.prompt import Prompt

KEY = "1"
WAIT = 10.0
"""Seconds for the key; the bench's callers press it long before."""


def opening(desk: Desk) -> list[Prompt]:
    return [desk.catalogue.phrase(key, "tr") for key in ("welcome.short", "menu.main")]


def answering(desk: Desk) -> list[Prompt]:
    """What the hotline says to a caller from a neighbourhood with water off."""
    board, now = desk.board, desk.now()
    districts = board.affected_districts(now)
    area = next(area for district in districts for area in board.affected_neighbourhoods(district.id, now))
    return answer(board, area, now, Wording(desk.catalogue, "tr"))


async def measured(call: Call, desk: Desk) -> None:
    if await call.key(*opening(desk), allowed=KEY, seconds=WAIT) == KEY:
        await call.say(*answering(desk))
    await call.hang_up()
