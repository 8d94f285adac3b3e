"""`GET /dialplan/…`: small plain-text answers for dialplans that keep their calls and ask with `CURL()`."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from callflows.call import Caller
from callflows.desk import Desk
from callflows.speech import answer
from callflows.wording import Wording
from ivr.line import Media, e164
from outages.board import AreaView
from prompts.prompt import Language

CallerNumber = Annotated[str | None, Query(max_length=32, description="The caller's number, as presented.")]
AreaNumber = Annotated[int | None, Query(description="The area's number, as callers type it; see /api/v1/areas.")]


def answers_router(desk: Desk, media: Media) -> APIRouter:
    """The area is the one given, else the one that the caller asked us to remember. Nothing here waits for speech.

    Only this machine may ask by a caller's number: what a citizen asked us to remember is nobody else's business.
    """
    router = APIRouter(prefix="/dialplan", tags=["dialplan"], default_response_class=PlainTextResponse)

    @router.get("/outage")
    async def outage(request: Request, caller: CallerNumber = None, area: AreaNumber = None) -> str:
        """`off`, `on`, or `unknown` when no area is known."""
        place = await _place(desk, caller if _local(request) else None, area)
        if place is None:
            return "unknown"
        return "off" if desk.board.current(place.id, desk.now()) else "on"

    @router.get("/announcement")
    async def announcement(
        request: Request, caller: CallerNumber = None, area: AreaNumber = None, language: Language = "tr"
    ) -> str:
        """What the hotline would say about the area, as files for `Playback()`; empty when no area is known."""
        place = await _place(desk, caller if _local(request) else None, area)
        if place is None:
            return ""
        said = answer(desk.board, place, desk.now(), Wording(desk.catalogue, language))
        found = [media.find(prompt) for prompt in said]
        return "&".join(str(one.media) for one in found if one) if all(found) else ""

    return router


def _local(request: Request) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback


async def _place(desk: Desk, caller: str | None, area: int | None) -> AreaView | None:
    if area is not None:
        return next((view for view in desk.board.areas.values() if view.number == area), None)
    number = e164(caller) if caller else None
    area_id = await desk.area_of(Caller(number)) if number else None
    return None if area_id is None else desk.board.area(area_id)
