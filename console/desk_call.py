"""One call at the desk: who it is and what they told, the ticket from it, and what came of it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Form, Path, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.errors import AgentError
from agents.models import CallResult, Contact
from agents.screen import Offered, ScreenPop
from agents.setup import Setup
from agents.work import Wrapped
from console.desk_parts import DESK, desk_of, sees_numbers, shown_number
from console.office import Office, by_htmx, go, language_of
from console.outage_words import Words
from console.routing import Agent, TheOffice, part
from console.ticket_words import names
from console.tickets import area_named, place_of
from people.signin import Person
from tickets.errors import TicketError
from tickets.intake import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_WORDS, Submission, take
from tickets.kinds import Category, Channel, Urgency
from tickets.waking import wake

Caller = Annotated[str, Path(max_length=80, pattern="^[A-Za-z0-9_.:-]+$")]
Text = Annotated[str, Form(max_length=LONGEST_WORDS)]
Id = Annotated[str, Form(max_length=9, pattern=r"^\d*$")]
PROMISES = (30, 60, 120, 240)
"""Minutes after which a call-back is usually promised."""

api = part("/desk")


@api.get("/call/{caller}")
async def call(office: TheOffice, request: Request, person: Agent, caller: Caller) -> Response:
    """The same that is pushed while it rings, for a page that was told by the telephone first."""
    values = await pop_values(office, request, person, caller)
    return office.page(request, person, "console/desk_call.html", **values)


@api.post("/call/{caller}/ticket")
async def ticket(
    office: TheOffice,
    request: Request,
    person: Agent,
    caller: Caller,
    category: Text = "",
    urgency: Text = "",
    area: Text = "",
    outage: Id = "",
    address: Text = "",
    told: Text = "",
    caller_name: Text = "",
) -> Response:
    """The number is the caller's, whatever a form says; sent twice it is one ticket."""
    desk = desk_of(office)
    async with office.db.session() as session:
        contact = await mine(session, person, caller)
        before = await desk.memory.find(caller)
        call_id = before.call_id if before else caller
        submission = Submission(
            Channel.agent,
            f"{call_id}:{_category(category)}",
            _category(category),
            Urgency(urgency) if urgency in Urgency.__members__ else None,
            _area(office, area),
            address or None,
            told or None,
            caller_name or None,
            contact.number,
            contact.language,
            outage_id=_held(office, outage),
            call_id=call_id,
        )
        taken = await take(
            session, office.now(), submission, who=person.name, secret=office.tickets.secret, same_words=False
        )
        contact.ticket_number = taken.ticket.number
        if taken.new:
            await wake(session)
        await session.commit()
    return await _again(office, request, person, caller, "ticket_opened")


@api.post("/call/{caller}/attach")
async def attach(
    office: TheOffice, request: Request, person: Agent, caller: Caller, number: Text = "", outage: Id = ""
) -> Response:
    """An open ticket of this caller waits for an outage's end from now on."""
    async with office.db.session() as session:
        await mine(session, person, caller)
        await office.tickets.handling(session, person.name).attach(number, int(outage or 0), note="")
        await session.commit()
    return await _again(office, request, person, caller, "ticket_changed")


@api.post("/call/{caller}/result")
async def result(
    office: TheOffice,
    request: Request,
    person: Agent,
    caller: Caller,
    result: Id = "",
    minutes: Id = "",
    at: Annotated[str, Form(max_length=20)] = "",
    note: Text = "",
    pause: Id = "",
) -> Response:
    """What came of it, before the next call; the end of the call counts as its result's time."""
    promised = _promised(office, minutes, at)
    wrapped = Wrapped(int(result or 0), promised, note, caller)
    await desk_of(office).wrap_up(person.id, person.name, wrapped, int(pause) if pause else None)
    return await _again(office, request, person, caller, "result_saved")


@api.post("/call/{caller}/pass-on")
async def pass_on(
    office: TheOffice,
    request: Request,
    person: Agent,
    caller: Caller,
    to: Annotated[str, Form(max_length=80)] = "",
    how: Annotated[Literal["transfer", "three"], Form()] = "transfer",
) -> Response:
    """To another queue, a unit or an outside number of the allow-list; or a third party into the conversation."""
    await desk_of(office).acting.pass_on(person.id, person.name, caller, to, third=how == "three")
    return await _again(office, request, person, caller, "third_called" if how == "three" else "call_passed_on")


async def pop_values(office: Office, request: Request, person: Person, caller: str) -> dict[str, Any]:
    """Raises `unknown_call` for a call that was not offered to this person."""
    desk = desk_of(office)
    told = await desk.memory.find(caller)
    async with office.db.reading() as session:
        contact = await session.scalar(_latest(person, caller))
        offered = desk.offered(person.id, caller) or _offered(contact)
        if offered is None:
            raise AgentError("This call was not offered to you.", "unknown_call")
        source = office.subscribers(session) if office.subscribers and sees_subscribers(person) else None
        pop = await desk.screen.pop(session, offered, told, office.keeper.board, office.now(), source)
        setup = Setup(session, office.now, person.name)
        scripts = [each for each in await setup.all("scripts", active=True) if each.about in _about(pop)]
        results: list[CallResult] = list(await setup.all("results", active=True))
        pauses = await setup.all("pauses", active=True)
    if pop.subscribers and desk.first_look(person.id, caller):
        await _note_look(office, person, pop)
    words = Words(office, language_of(request, person))
    return {
        "pop": pop,
        "contact": contact,
        "number": shown_number(person, pop.number),
        "whole": sees_numbers(person),
        "area": place_of(office, pop.area.id) if pop.area else "",
        "outage_words": lambda each: f"{words.cause(each.cause)} · {words.places(each.area_ids)}",
        "names": names(language_of(request, person)),
        "scripts": scripts,
        "results": results,
        "pauses": pauses,
        "promises": PROMISES,
        "longest": {"told": LONGEST_WORDS, "address": LONGEST_ADDRESS, "name": LONGEST_NAME},
    }


async def _note_look(office: Office, person: Person, pop: ScreenPop) -> None:
    """Whoever sees what is personal of a subscriber is written down, once for each call."""
    async with office.db.session() as session:
        for each in pop.subscribers:
            if office.subscribers:
                await office.subscribers(session).seen(person.name, each, "call")
        await session.commit()


def sees_subscribers(person: Person) -> bool:
    """Only who may see what is personal of subscribers."""
    return person.personal


async def mine(session: AsyncSession, person: Person, caller: str) -> Contact:
    contact: Contact | None = await session.scalar(_latest(person, caller))
    if contact is None:
        raise AgentError("This call was not offered to you.", "unknown_call")
    return contact


def _latest(person: Person, caller: str) -> Any:
    query = select(Contact).where(Contact.caller == caller, Contact.user_id == person.id)
    return query.order_by(Contact.id.desc()).limit(1)


def _offered(contact: Contact | None) -> Offered | None:
    if contact is None:
        return None
    return Offered(contact.caller, contact.number, contact.waited, contact.queue, contact.rang)


def _about(pop: ScreenPop) -> set[str]:
    """What scripts are shown for: always, the reason, the kind of report."""
    return {"", (pop.told.reason if pop.told else None) or "", pop.draft.category or ""}


async def _again(office: Office, request: Request, person: Person, caller: str, done: str) -> Response:
    """The call as it is now, in the page; without scripts, the whole page."""
    if not by_htmx(request):
        return go(DESK, done)
    values = await pop_values(office, request, person, caller)
    said = office.pages.texts.say(f"done.{done}", language_of(request, person))
    return office.page(request, person, "console/desk_call.html", **values | {"done": said})


def _category(given: str) -> Category:
    if given not in Category.__members__:
        raise TicketError("Choose what it is about.", "no_category")
    return Category(given)


def _area(office: Office, typed: str) -> int | None:
    if not typed.strip():
        return None
    area_id = area_named(office, typed)
    if area_id is None:
        raise TicketError("There is no such place; choose one from the list.", "unknown_area")
    return area_id


def _held(office: Office, outage: str) -> int | None:
    """An outage that is not over, as callers are told of it."""
    number = int(outage or 0)
    return number if any(each.id == number and each.ended is None for each in office.keeper.board.outages) else None


def _promised(office: Office, minutes: str, at: str) -> datetime | None:
    """By the button of so many minutes, or a clock's time as typed into the page."""
    if minutes:
        return office.now() + timedelta(minutes=int(minutes))
    try:
        return datetime.fromisoformat(at).replace(tzinfo=office.pages.zone) if at else None
    except ValueError:
        raise AgentError("Say when to call back: within the next 30 days.", "bad_promise") from None
