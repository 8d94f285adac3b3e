"""Server-sent events: pages are told that something changed, and fetch the part that they show."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Query, Request, Response
from starlette.responses import StreamingResponse

from console.office import Office
from console.routing import TheOffice, Viewer, part
from outages.board import Board
from people.web import COOKIE

ALIVE = 20.0
"""Seconds between signs of life; proxies close what is silent, and an ended session is noticed by then."""

Seen = Annotated[int | None, Query(ge=0)]
LastSeen = Annotated[int | None, Header(alias="Last-Event-ID", ge=0)]

api = part()


@api.get("/events")
async def events(
    office: TheOffice, request: Request, person: Viewer, seen: Seen = None, last: LastSeen = None
) -> Response:
    """`board` when callers hear something else than when the page was made."""
    token = request.cookies.get(COOKIE)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(office, token, seen if last is None else last)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(office: Office, token: str | None, seen: int | None) -> AsyncIterator[str]:
    board = office.keeper.board
    yield "retry: 2000\n\n"
    if seen not in (None, board.version):  # it changed after the page was made, before the page could listen
        yield _told(board)
    while await office.signin.who(token, counts=False):  # an open page alone keeps nobody signed in
        try:
            async with asyncio.timeout(ALIVE):
                board = await office.keeper.after(board)
        except TimeoutError:
            yield ": still here\n\n"
        else:
            yield _told(board)
    yield "event: signed-out\ndata:\n\n"


def _told(board: Board) -> str:
    """With its number, which the browser tells when it has to connect anew."""
    return f"id: {board.version}\nevent: board\ndata: {board.version}\n\n"
