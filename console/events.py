"""Server-sent events: pages are told that something changed, and fetch the part that they show."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from console.office import Office
from console.routing import TheOffice, Viewer, part
from people.web import COOKIE

ALIVE = 20.0
"""Seconds between signs of life; proxies close what is silent, and an ended session is noticed by then."""

api = part()


@api.get("/events")
async def events(office: TheOffice, request: Request, person: Viewer) -> Response:
    """`board` when callers hear something else than before."""
    token = request.cookies.get(COOKIE)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(office, token), media_type="text/event-stream", headers=headers)


async def _stream(office: Office, token: str | None) -> AsyncIterator[str]:
    board = office.keeper.board
    yield "retry: 2000\n\n"
    while await office.signin.who(token, counts=False):  # an open page alone keeps nobody signed in
        try:
            async with asyncio.timeout(ALIVE):
                board = await office.keeper.after(board)
        except TimeoutError:
            yield ": still here\n\n"
        else:
            yield f"event: board\ndata: {board.version}\n\n"
    yield "event: signed-out\ndata:\n\n"
