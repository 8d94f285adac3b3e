"""The live wall: what is happening on the line, made for a big screen that nobody touches."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Form, Request, Response
from starlette.responses import StreamingResponse

from calls.demand import dismiss
from calls.wall import Demand, Wall
from calls.watch import TooManyListeners
from console.office import Live, Office, go
from console.routing import Operator, TheOffice, Viewer, part
from outages.errors import OutageError
from outages.life import OutageFacts
from outages.schemas import MOST_ID
from outages.service import OutageService
from people.signin import Person
from people.web import COOKIE

DISMISSED = timedelta(hours=2)
MOST_HEARD = 7
TOLD_LATELY = timedelta(minutes=2)
"""Older counts of the queue are shown as old: agents come and go without a call, of which FastAGI tells nothing."""
AreaId = Annotated[int, Form(ge=1, le=MOST_ID)]

api = part("/wall")


@api.get("")
async def page(office: TheOffice, request: Request, person: Viewer) -> Response:
    return office.page(request, person, "console/wall.html", **_view(await _live(office).wall()))


@api.get("/events")
async def events(office: TheOffice, request: Request, person: Viewer) -> Response:
    """The moving part of the page, whenever it changes."""
    stream = _stream(office, request, person)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@api.post("/draft")
async def draft(office: TheOffice, person: Operator, area_id: AreaId) -> Response:
    """One click: the area that callers ask for, as a draft to look over."""
    found = await _demand(office, area_id)
    if found.draft_id is not None:
        return go(f"/console/outages/{found.draft_id}/edit")
    facts = OutageFacts("fault", "unknown", {area_id: None}, found.first)
    async with office.db.session() as session:
        service = OutageService(session, office.now, person.name)
        reason = f"inferred from {found.callers} callers in {found.minutes} min"
        outage = await service.create(facts, draft=True, reason=reason)
        await session.commit()
    _live(office).demand_changed()
    return go(f"/console/outages/{outage.id}/edit", "draft_inferred")


@api.post("/dismiss")
async def leave_out(office: TheOffice, person: Operator, area_id: AreaId) -> Response:
    """Looked into, and no outage: do not ask again for a while."""
    async with office.db.session() as session:
        await dismiss(session, area_id, office.now() + DISMISSED, person.name, office.now())
        await session.commit()
    _live(office).demand_changed()
    return go("/console/wall", "demand_dismissed")


def _live(office: Office) -> Live:
    if office.live is None:
        raise OutageError("No calls are taken here.", "no_calls_here")
    return office.live


async def _demand(office: Office, area_id: int) -> Demand:
    found = next((each for each in (await _live(office).wall()).demand if each.area_id == area_id), None)
    if found is None:
        raise OutageError("Callers no longer ask for this area without an outage.", "demand_gone")
    return found


async def _stream(office: Office, request: Request, person: Person) -> AsyncIterator[str]:
    try:
        async with _live(office).watch.listening() as news:
            async for wall in news:
                if await office.signin.who(request.cookies.get(COOKIE), counts=False) is None:
                    return
                answer = office.page(request, person, "console/wall_moving.html", **_view(wall))
                lines = bytes(answer.body).decode().splitlines()
                yield "event: wall\n" + "".join(f"data: {line}\n" for line in lines if line.strip()) + "\n"
    except TooManyListeners:
        yield "retry: 30000\n\n"


def _view(wall: Wall) -> dict[str, Any]:
    """Bars are heights of 100; a quiet hour is not blown up to look like a rush."""
    minutes = wall.calls.per_minute
    top = max(10, *minutes)
    return {
        "wall": wall,
        "bars": [(index, round(100 * count / top, 1)) for index, count in enumerate(minutes)],
        "busiest": max(minutes),
        "heard": wall.calls.hearing[:MOST_HEARD],
        "longest": wall.queue.longest_wait(wall.at),
        "told": wall.queue.told is not None and wall.at - wall.queue.told < TOLD_LATELY,
        "queues": wall.queues if len(wall.queues) > 1 else (),
    }
