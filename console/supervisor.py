"""Supervisors: who does what since when, who waits, and what may be done about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Form, Path, Request, Response
from starlette.responses import PlainTextResponse, StreamingResponse

from agents.errors import NotDone
from agents.figures import LATELY, at_desk, level
from agents.hub import News
from agents.models import Contact
from agents.setup import Setup
from console.desk import SELF, event
from console.desk_parts import desk_of, shown_number, start_of_day
from console.office import Office, by_htmx, go, language_of
from console.routing import Supervisor, TheOffice, part
from console.tickets import place_of
from people.signin import Person
from people.web import COOKIE

FLOOR = "/console/supervisor"
PAUSE = 5.0
"""Seconds after which waiting callers and durations are shown anew."""
UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]

api = part("/supervisor")


@api.get("")
async def page(office: TheOffice, request: Request, person: Supervisor) -> Response:
    """With a telephone of its own, so that who supervises need not be at the desk."""
    values = await _values(office, person) | {"phone": desk_of(office).phones is not None}
    answer = office.page(request, person, "console/supervisor.html", **values)
    answer.headers.update(SELF)
    return answer


@api.get("/events")
async def events(office: TheOffice, request: Request, person: Supervisor) -> Response:
    """The moving part, whenever somebody does something else, and every few seconds."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(office, request, person), media_type="text/event-stream", headers=headers)


@api.post("/phone")
async def phone(office: TheOffice, person: Supervisor) -> dict[str, object]:
    """The telephone of this tab, by which calls are listened to; one that another tab had is cut off."""
    desk = desk_of(office)
    if desk.phones is None:
        raise NotDone("Telephones in the browser need calls over ARI.")
    return await desk.phones.floor_account(person.id)


@api.post("/{user_id}/queues")
async def move(
    office: TheOffice,
    request: Request,
    person: Supervisor,
    user_id: UserId,
    queues: Annotated[list[str], Form()] = [],  # noqa: B006 — FastAPI copies it.
) -> Response:
    """To other queues, from the next call on."""
    async with office.db.session() as session:
        await Setup(session, office.now, person.name).serve(user_id, queues)
        await session.commit()
    await desk_of(office).queues_changed(user_id)
    return _done(office, request, person, "agent_moved")


@api.post("/{user_id}/out")
async def sign_out(office: TheOffice, request: Request, person: Supervisor, user_id: UserId) -> Response:
    """Somebody who forgot to leave."""
    await desk_of(office).gone(user_id, "by_supervisor")
    return _done(office, request, person, "desk_saved")


@api.post("/{user_id}/spy")
async def spy(
    office: TheOffice,
    request: Request,
    person: Supervisor,
    user_id: UserId,
    how: Annotated[str, Form(max_length=10)] = "listen",
) -> Response:
    """Listen, whisper to the agent, or join. The agent is always told, the caller as it is settled."""
    desk = desk_of(office)
    await desk.acting.spy(person.id, person.name, user_id, how)
    desk.watched(user_id, how)
    return _done(office, request, person, "supervisor_rings")


@api.post("/{user_id}/record")
async def record(office: TheOffice, request: Request, person: Supervisor, user_id: UserId) -> Response:
    """From now on, once both sides have heard the notice."""
    desk = desk_of(office)
    await desk.acting.record(person.name, user_id)
    desk.watched(user_id, "record")
    return _done(office, request, person, "recording_asked")


def _done(office: Office, request: Request, person: Person, done: str) -> Response:
    """In words for the page's script, since a page that is left takes its telephone along; else the page again."""
    if not by_htmx(request):
        return go(FLOOR, done)
    return PlainTextResponse(office.pages.texts.say(f"done.{done}", language_of(request, person)))


async def _stream(office: Office, request: Request, person: Person) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    with desk_of(office).hub.listening(person.id, floor=True) as listener:
        listener.tell(News("floor"))
        while await office.signin.who(request.cookies.get(COOKIE), counts=False):
            await listener.next(PAUSE)
            answer = office.page(request, person, "console/supervisor_moving.html", **await _values(office, person))
            yield event("floor", answer)


async def _values(office: Office, person: Person) -> dict[str, Any]:
    desk, now = desk_of(office), office.now()
    async with office.db.reading() as session:
        agents = await at_desk(session, start_of_day(office))
        lately = await level(session, now - LATELY, desk.rules.level_seconds)
        today = await level(session, start_of_day(office), desk.rules.level_seconds)
        queues = await Setup(session, office.now, person.name).queues(active=True)
    queue = (await office.live.wall()).queue if office.live else None
    return {
        "agents": agents,
        "levels": (("now", lately), ("today", today)),
        "rules": desk.rules,
        "queues": queues,
        "queue": queue,
        "longest": queue.longest_wait(now) if queue else timedelta(),
        "who_calls": lambda contact: _who(office, person, contact),
        "floor": desk.floor is not None,
    }


def _who(office: Office, person: Person, contact: Contact) -> str:
    parts = (place_of(office, contact.area_id), shown_number(person, contact.number))
    return " · ".join(part for part in parts if part)
