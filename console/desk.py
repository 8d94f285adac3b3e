"""The agents' desk: one tab is the whole workplace. What is said to it comes as events; nothing leaves the page."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Form, Request, Response
from starlette.responses import StreamingResponse

from agents.errors import NotDone
from agents.figures import recent
from agents.hub import News
from agents.setup import Setup
from agents.states import State
from agents.work import AgentWork
from console.desk_call import pop_values
from console.desk_parts import DESK, desk_of, info_pages, start_of_day
from console.office import Office, by_htmx, go, language_of
from console.routing import Agent, TheOffice, part
from people.signin import Person
from people.web import COOKIE

ALIVE = 15.0
"""Seconds between signs of life, each of which says that the agent's page is there."""
CHECKED_EVERY = timedelta(seconds=15)
"""How long a page may go on listening whose session was ended."""
UNWATCHED = "event: watched\ndata: <span hidden></span>\n\n"
"""Whoever watched a call does so no more when it is over."""
SELF = {"Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"}
Choice = Annotated[State, Form()]
Id = Annotated[str, Form(max_length=9, pattern=r"^\d*$")]

api = part("/desk")


@api.get("")
async def page(office: TheOffice, request: Request, person: Agent) -> Response:
    desk = desk_of(office)
    async with office.db.reading() as session:
        work, setup = AgentWork(session, office.now), Setup(session, office.now, person.name)
        contact = await work.open_contact(person.id)
        values = await _state_values(work, setup, person) | {
            "contacts": await recent(session, person.id, start_of_day(office)),
            "targets": await setup.all("targets", active=True),
            "queues": await setup.queues(active=True),
            "pages": info_pages(office, language_of(request, person)),
            "phone": desk.phones is not None,
        }
    shown = await pop_values(office, request, person, contact.caller) if contact else {"pop": None}
    answer = office.page(request, person, "console/desk.html", **(values | shown))
    answer.headers.update(SELF)
    return answer


@api.get("/events")
async def events(office: TheOffice, request: Request, person: Agent) -> Response:
    """`pop`: who rings, whole; `state`: what the agent does now; `signed-out`."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(office, request, person), media_type="text/event-stream", headers=headers)


@api.post("/state")
async def choose(office: TheOffice, request: Request, person: Agent, state: Choice, reason: Id = "") -> Response:
    """Ready, away for a reason, or out of the desk."""
    await desk_of(office).choose(person.id, person.name, state, int(reason) if reason else None)
    return await _state(office, request, person) if by_htmx(request) else go(DESK)


@api.post("/phone")
async def phone(office: TheOffice, person: Agent) -> dict[str, object]:
    """The telephone of this tab; one that another tab had is cut off."""
    desk = desk_of(office)
    if desk.phones is None:
        raise NotDone("Agents' telephones in the browser need calls over ARI.")
    return await desk.phones.account(person.id)


@api.get("/contacts")
async def contacts(office: TheOffice, request: Request, person: Agent) -> Response:
    """Their own calls of today."""
    async with office.db.reading() as session:
        found = await recent(session, person.id, start_of_day(office))
    return office.page(request, person, "console/desk_contacts.html", contacts=found)


async def _state(office: Office, request: Request, person: Person) -> Response:
    return office.page(request, person, "console/desk_state.html", **await _state_now(office, person))


async def _state_now(office: Office, person: Person) -> dict[str, Any]:
    async with office.db.reading() as session:
        return await _state_values(AgentWork(session, office.now), Setup(session, office.now, person.name), person)


async def _state_values(work: AgentWork, setup: Setup, person: Person) -> dict[str, Any]:
    row = await work.present(person.id)
    return {
        "row": row,
        "state": row.state if row else State.out,
        "pauses": await setup.all("pauses", active=True),
        "served": await work.queues_of(person.id),
        "labels": {each.name: each for each in await setup.queues()},
    }


async def _stream(office: Office, request: Request, person: Person) -> AsyncIterator[str]:
    desk, token, called = desk_of(office), request.cookies.get(COOKIE), False
    checked = office.now()
    yield "retry: 1000\n\n"
    with desk.hub.listening(person.id) as listener:
        try:
            await desk.here(person.id)
            listener.tell(News("state"))
            if caller := await _ringing(office, person):
                listener.tell(News("rings", caller))
            while True:
                news = await listener.next(ALIVE)
                called = called or (news is not None and news.what == "rings")
                yield await _told(office, request, person, news)
                if news is not None and office.now() - checked < CHECKED_EVERY:
                    continue
                # an open page alone keeps nobody signed in; an agent who is called is at work
                if await office.signin.who(token, counts=called) is None:
                    break
                await desk.here(person.id)  # also of an agent to whom something happens all the time
                checked, called = office.now(), False
        finally:
            desk.page_closed(person.id)
    await desk.gone(person.id, "signed_out")
    yield "event: signed-out\ndata:\n\n"


async def _ringing(office: Office, person: Person) -> str | None:
    """Who began to ring between the page and its listening; nothing has been typed about them yet."""
    async with office.db.reading() as session:
        contact = await AgentWork(session, office.now).open_contact(person.id)
    return contact.caller if contact and contact.answered is None and contact.ended is None else None


async def _told(office: Office, request: Request, person: Person, news: News | None) -> str:
    if news is None:
        return ": still here\n\n"
    if news.what == "rings":
        values = await pop_values(office, request, person, news.about)
        return event("pop", office.page(request, person, "console/desk_call.html", **values))
    if news.what == "state":
        values = await _state_now(office, person)
        told = event("state", office.page(request, person, "console/desk_state.html", **values))
        return told if values["state"] is State.talking else told + UNWATCHED
    if news.what == "watched":
        return event("watched", office.page(request, person, "console/desk_watched.html", how=news.about))
    return ": nothing of theirs\n\n"


def event(name: str, answer: Response) -> str:
    """A part of a page as a server-sent event."""
    lines = bytes(answer.body).decode().splitlines()
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in lines if line.strip()) + "\n"
