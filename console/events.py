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

LOOK = 2.0
"""Seconds between looks at calls back, which all pages of a process share."""
LOOKS = 10
"""Looks between signs of life; proxies close what is silent, and an ended session is noticed by then."""

Seen = Annotated[int | None, Query(ge=0)]
LastSeen = Annotated[int | None, Header(alias="Last-Event-ID", ge=0)]

api = part()


@api.get("/events")
async def events(
    office: TheOffice, request: Request, person: Viewer, seen: Seen = None, last: LastSeen = None
) -> Response:
    """`board` when callers hear something else than when the page was made; `alerts` when all calls to citizens were
    stopped or go on; `calls` when something has happened to a call back."""
    token = request.cookies.get(COOKIE)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(office, token, seen if last is None else last)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(office: Office, token: str | None, seen: int | None) -> AsyncIterator[str]:
    board, pulse = office.keeper.board, office.pulse
    await pulse.look(calls=True)
    stopped, calls = pulse.stopped, pulse.calls
    yield "retry: 2000\n\n"
    if seen not in (None, board.version):  # it changed after the page was made, before the page could listen
        yield _told(board)
    while await office.signin.who(token, counts=False):  # an open page alone keeps nobody signed in
        for _ in range(LOOKS):
            try:
                async with asyncio.timeout(LOOK):
                    board = await office.keeper.after(board)
            except TimeoutError:
                pass
            else:
                yield _told(board)
                break
            await pulse.look(calls=True)
            if pulse.stopped != stopped:
                stopped = pulse.stopped
                yield "event: alerts\ndata:\n\n"
            if pulse.calls != calls:
                calls = pulse.calls
                yield "event: calls\ndata:\n\n"
        else:
            yield ": still here\n\n"
    yield "event: signed-out\ndata:\n\n"


def _told(board: Board) -> str:
    """With its number, which the browser tells when it has to connect anew."""
    return f"id: {board.version}\nevent: board\ndata: {board.version}\n\n"
