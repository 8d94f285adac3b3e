"""`GET /api/v1/live` for programs, and the loopback door at which the dialplan tells about the agents' queue."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse

from calls.agents_queue import AgentsQueue, QueueEvent, Report
from calls.wall import Wall
from ivr import dialplan
from ivr.live import LiveWall
from outages.rest import ERRORS, PlainErrors
from people import access
from people.roles import Scope
from storage.database import Database

MOST_AGENTS = 10_000


def live_router(db: Database, live: LiveWall, now: Callable[[], datetime]) -> APIRouter:
    reader = Depends(access.needs(db, now, Scope.read))
    api = APIRouter(tags=["calls"], route_class=PlainErrors)

    @api.get("/live", responses={status: ERRORS[status] for status in (401, 403, 503)}, dependencies=[reader])
    async def live_wall() -> Wall:
        """The calls of this moment, the agents' queue, areas asked for without a known outage, and the day so far."""
        return await live.wall()

    return api


Visited = Callable[[Report, datetime], Awaitable[None]]
"""Told of each caller who waits no longer, with when they had joined."""


async def nobody(report: Report, joined: datetime) -> None:
    """Where no agents are served."""


def queue_router(
    agents: AgentsQueue, secret: str, visited: Visited = nobody, kept: Callable[[], bool] = lambda: False
) -> APIRouter:
    """Only Asterisk on this machine, which was given the secret with its configuration, is believed.

    It is told in return whether callers keep places: `kept` or `ok`.
    """
    router = APIRouter(route_class=PlainErrors, default_response_class=PlainTextResponse)
    Number = Annotated[int, Form(ge=0, le=MOST_AGENTS)]

    @router.post(dialplan.QUEUE_REPORT_PATH, include_in_schema=False)
    async def report(
        request: Request,
        token: Annotated[str, Form(max_length=200)],
        event: Annotated[QueueEvent, Form()],
        call: Annotated[str, Form(max_length=80)],
        waiting: Number,
        logged_in: Number,
        free: Number,
        paused: Number,
        queue: Annotated[str, Form(max_length=60)] = "",
    ) -> Response:
        local = request.client is not None and ip_address(request.client.host).is_loopback
        if not (local and hmac.compare_digest(token.encode(), secret.encode())):
            return PlainTextResponse("no", 403)
        told = Report(event, call, waiting, logged_in, free, paused, queue)
        joined = agents.report(told)
        if joined:
            await visited(told, joined)
        return PlainTextResponse("kept" if kept() else "ok")

    return router
