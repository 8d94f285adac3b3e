"""The conversation that is measured: announcement, one key, look-up, announcement, hang up."""

from dataclasses import dataclass

from callflows.call import Call
from callflows.desk import Desk
from callflows.speech import answer
from callflows.wording import Wording
from prompts.prompt import Prompt

KEY = "1"
WAIT = 10.0
"""Seconds for the key; the bench's callers press it long before."""


@dataclass(frozen=True, slots=True)
class Conversation:
    files: int = 0
    """At most so many in each announcement; 0 for as many as the hotline says."""

    def opening(self, desk: Desk) -> list[Prompt]:
        spoken = [desk.catalogue.phrase(key, "tr") for key in ("welcome.short", "menu.main")]
        return spoken[-self.files :]

    def answer(self, desk: Desk) -> list[Prompt]:
        """What the hotline says to a caller from a neighbourhood with water off."""
        board, now = desk.board, desk.now()
        districts = board.affected_districts(now)
        area = next(area for district in districts for area in board.affected_neighbourhoods(district.id, now))
        return answer(board, area, now, Wording(desk.catalogue, "tr"))[-self.files :]

    async def hold(self, call: Call, desk: Desk) -> None:
        if await call.key(*self.opening(desk), allowed=KEY, seconds=WAIT) == KEY:
            await call.say(*self.answer(desk))
        await call.hang_up()
