"""Tickets: found by number, caller, place, words, unit and state; and written down by an agent."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Depends, Form, Query, Request, Response

from console.office import Office, go, language_of
from console.routing import Operator, TheOffice, Viewer, part
from console.ticket_words import names
from outages.area_text import named
from outages.typing_ahead import suggest
from people.roles import Role
from people.signin import Person
from tickets.errors import TicketError
from tickets.intake import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_WORDS, Submission, take
from tickets.kinds import Category, Channel, Urgency
from tickets.life import State
from tickets.models import Ticket
from tickets.privacy import masked
from tickets.search import Wanted, e164, find
from tickets.waking import wake

TICKETS = "/console/tickets"
PAGE = 50
BY_HAND = tuple(channel for channel in Channel if channel is not Channel.phone)
"""Where an agent may have a report from; calls to the line are written down by the line."""
Word = Annotated[str, Query(max_length=200)]
Field = Annotated[str, Form(max_length=LONGEST_WORDS)]


@dataclass(frozen=True)
class Asked:
    """What was asked for, as it stands in the address."""

    q: str = ""
    caller: str = ""
    area: str = ""
    state: str = ""
    category: str = ""
    urgency: str = ""
    unit: int | None = None
    before: int | None = None

    def query(self, **changes: object) -> str:
        """With its question mark; empty where nothing was asked for."""
        given = {name: value for name, value in (self.__dict__ | changes).items() if value}
        return f"?{urlencode(given)}" if given else ""

    def address(self, **changes: object) -> str:
        return f"{TICKETS}{self.query(**changes)}"


def asked_of(
    q: Word = "",
    caller: Word = "",
    area: Word = "",
    state: Word = "",
    category: Word = "",
    urgency: Word = "",
    unit: Annotated[str, Query(max_length=9, pattern=r"^\d*$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Asked:
    return Asked(q, caller, area, state, category, urgency, int(unit) if unit else None, before)


api = part("/tickets")


@api.get("")
async def tickets(
    office: TheOffice, request: Request, person: Viewer, asked: Annotated[Asked, Depends(asked_of)]
) -> Response:
    """Without a search: all that is open, the newest first."""
    wanted, wrong = wanted_of(office, request, person, asked)
    async with office.db.reading() as session:
        found = await find(session, wanted, office.tickets.secret, PAGE + 1) if wanted else []
        units = await office.tickets.setup(session, person.name).units()
    shown = list(found[:PAGE])
    values = {
        "tickets": shown,
        "more": asked.address(before=shown[-1].id) if found[PAGE:] else None,
        "asked": asked,
        "units": {unit.id: unit.name for unit in units},
        "states": list(State),
        "caller_of": caller_of(person),
        "place_of": lambda area_id: place_of(office, area_id),
        "names": names(language_of(request, person)),
    }
    status = 422 if wrong else 200
    return office.page(request, person, "console/tickets.html", status=status, wrong=wrong, **values)


@api.get("/new")
async def form(office: TheOffice, request: Request, person: Operator) -> Response:
    return await _form(office, request, person, {"key": str(uuid4())})


@api.post("/new")
async def write(
    office: TheOffice,
    request: Request,
    person: Operator,
    key: Annotated[str, Form(max_length=60)] = "",
    channel: Field = "agent",
    category: Field = "",
    urgency: Field = "",
    area: Field = "",
    address: Field = "",
    told: Field = "",
    caller_name: Field = "",
    caller: Field = "",
) -> Response:
    """The form carries a key: sent twice, it makes one ticket."""
    given = {"key": key, "channel": channel, "category": category, "urgency": urgency, "area": area}
    given |= {"address": address, "told": told, "caller_name": caller_name, "caller": caller}
    try:
        submission = _submission(office, given)
        async with office.db.session() as session:
            teller, secret = office.tickets.teller, office.tickets.secret
            taken = await take(session, teller.now(), submission, who=person.name, secret=secret)
            if taken.new:
                await wake(session)
                await session.commit()
            number = taken.ticket.number
    except TicketError as refused:
        return await _form(office, request, person, given, office.said(request, refused, person))
    return go(f"{TICKETS}/{number}", "ticket_opened")


async def _form(
    office: Office, request: Request, person: Person, given: dict[str, str], wrong: str | None = None
) -> Response:
    longest = {"told": LONGEST_WORDS, "address": LONGEST_ADDRESS, "name": LONGEST_NAME}
    values = {"given": given, "channels": BY_HAND, "names": names(language_of(request, person)), "longest": longest}
    return office.page(request, person, "console/ticket_new.html", status=422 if wrong else 200, wrong=wrong, **values)


def _submission(office: Office, given: dict[str, str]) -> Submission:
    area_id = None
    if given["area"].strip() and (area_id := area_named(office, given["area"])) is None:
        raise TicketError("There is no such place; choose one from the list.", "unknown_area")
    if given["category"] not in Category.__members__ or given["channel"] not in list(BY_HAND):
        raise TicketError("Choose a category and a channel.", "no_category")
    return Submission(
        Channel(given["channel"]),
        f"console:{given['key']}",
        Category(given["category"]),
        Urgency(given["urgency"]) if given["urgency"] in Urgency.__members__ else None,
        area_id,
        given["address"] or None,
        given["told"] or None,
        given["caller_name"] or None,
        e164(given["caller"]) if given["caller"].strip() else None,
    )


def wanted_of(office: Office, request: Request, person: Person, asked: Asked) -> tuple[Wanted | None, str | None]:
    """None and why, for a search that means nothing."""
    area_id = area_named(office, asked.area) if asked.area.strip() else None
    try:
        if asked.area.strip() and area_id is None:
            raise TicketError("There is no such place; choose one from the list.", "unknown_area")
        if asked.caller.strip():
            e164(asked.caller)
    except TicketError as refused:
        return None, office.said(request, refused, person)
    filters = (asked.q, asked.caller, asked.area, asked.state, asked.category, asked.urgency)
    return (
        Wanted(
            asked.q,
            asked.caller.strip(),
            (State(asked.state),) if asked.state in State.__members__ else (),
            Category(asked.category) if asked.category in Category.__members__ else None,
            Urgency(asked.urgency) if asked.urgency in Urgency.__members__ else None,
            unit_id=asked.unit,
            area_id=area_id,
            open_only=not any(value.strip() for value in filters),
            before=asked.before,
        ),
        None,
    )


def area_named(office: Office, typed: str) -> int | None:
    """The area that somebody typed, if it is one."""
    found = named(office.keeper.board, typed)
    if found.area_ids:
        return found.area_ids[0]
    near = suggest(office.keeper.board, typed, 2)
    return near[0].area.id if len(near) == 1 else None


def place_of(office: Office, area_id: int | None) -> str:
    areas = office.keeper.board.areas
    area = areas.get(area_id or 0)
    if area is None:
        return ""
    district = areas.get(area.district_id or 0)
    return f"{district.name} / {area.name}" if district else area.name


def caller_of(person: Person) -> Any:
    """How this person sees numbers: whole from operators up."""
    whole = person.role.allows(Role.operator)

    def shown(ticket: Ticket) -> str | None:
        return ticket.callback_number if whole else masked(ticket.callback_number)

    return shown
