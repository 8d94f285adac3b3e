"""Subscribers: found by number, telephone or name, and each with all contacts on one line. Every look is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from citizens.parts import CitizenParts
from citizens.timeline import tickets_of, timeline
from citizens.whose import Citizen
from console.contacts import Told
from console.office import Office, language_of
from console.outage_words import Words
from console.routing import Confidant, TheOffice, part
from console.ticket_words import names
from console.tickets import place_of
from outages.area_text import named
from people.roles import Role
from people.signin import Person
from subscribers.consent import CHANNELS, PURPOSES, SOURCES
from subscribers.errors import SubscriberError, unknown
from subscribers.phones import e164
from subscribers.record import Subscriber
from subscribers.service import Subscribers
from tickets.life import OPEN

SUBSCRIBERS = "/console/subscribers"
Word = Annotated[str, Query(max_length=160)]

api = part("/subscribers")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; the first field that is filled in counts."""

    number: str = ""
    phone: str = ""
    name: str = ""
    area: str = ""

    @property
    def how(self) -> str:
        return next((how for how in ("number", "phone", "name") if getattr(self, how)), "")


@api.get("")
async def search(
    office: TheOffice,
    request: Request,
    person: Confidant,
    number: Word = "",
    phone: Word = "",
    name: Word = "",
    area: Word = "",
) -> Response:
    asked = Asked(number.strip(), phone.strip(), name.strip(), area.strip())
    try:
        found = await _found(office, asked, person)
    except SubscriberError as refused:
        wrong = office.said(request, refused, person)
        return _list(office, request, person, asked, (), 422, wrong=wrong)
    return _list(office, request, person, asked, found)


@api.get("/record")
async def record(office: TheOffice, request: Request, person: Confidant, number: Word = "") -> Response:
    return await record_page(office, request, person, number)


async def record_page(
    office: Office, request: Request, person: Person, number: str, status: int = 200, *, wrong: str | None = None
) -> Response:
    """Raises `unknown_subscriber`."""
    parts = parts_of(office)
    known = await parts.directory.by_number(number)
    if known is None:
        raise unknown()
    async with office.db.session() as session:
        await Subscribers(session, office.now, parts.secrets.callers).seen(person.name, known, "number")
        await session.commit()
    async with office.db.reading() as session:
        values = await _values(office, session, request, person, known)
    return office.page(request, person, "console/subscriber.html", status=status, wrong=wrong, **values)


def parts_of(office: Office) -> CitizenParts:
    if office.citizens is None:
        raise SubscriberError(
            "No subscribers are known here.", "no_subscribers_here", "Bu kurulumda abone bilgisi tutulmuyor."
        )
    return office.citizens


def record_path(number: str) -> str:
    return f"{SUBSCRIBERS}/record?{urlencode({'number': number})}"


async def _found(office: Office, asked: Asked, person: Person) -> Sequence[Subscriber]:
    """Kept in the audit log: how, and how many; what was typed is personal."""
    if not asked.how:
        return ()
    parts = parts_of(office)
    found: Sequence[Subscriber]
    if asked.how == "number":
        one = await parts.directory.by_number(asked.number)
        found = [one] if one else []
    elif asked.how == "phone":
        phone = e164(asked.phone)
        if phone is None:
            raise SubscriberError(
                "Write a telephone number such as 0532 123 45 67.",
                "bad_number",
                "0532 123 45 67 gibi bir telefon numarası yazın.",
            )
        found = await parts.directory.by_phone(phone)
    else:
        async with office.db.reading() as session:
            service = Subscribers(session, office.now, parts.secrets.callers)
            found = await service.by_name(asked.name, area_ids=_areas(office, asked.area))
    async with office.db.session() as session:
        await Subscribers(session, office.now, parts.secrets.callers).searched(person.name, asked.how, len(found))
        await session.commit()
    return found


def _areas(office: Office, typed: str) -> list[int]:
    """A district with all that lies in it."""
    if not typed:
        return []
    board = office.keeper.board
    chosen = named(board, typed).area_ids
    if not chosen:
        raise SubscriberError("There is no such area; choose one of the list.", "unknown_area")
    return [id_ for area_id in chosen for id_ in (area_id, *(area.id for area in board.within(area_id)))]


def _list(
    office: Office,
    request: Request,
    person: Person,
    asked: Asked,
    found: Sequence[Subscriber],
    status: int = 200,
    *,
    wrong: str | None = None,
) -> Response:
    values: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "nobody": asked.how and not found and not wrong,
        "place_of": lambda id_: place_of(office, id_),
        "path_of": record_path,
    }
    problem = office.citizens.directory.remote.problem if office.citizens and office.citizens.directory.remote else None
    return office.page(
        request, person, "console/subscribers.html", status=status, wrong=wrong, remote_problem=problem, **values
    )


async def _values(
    office: Office, session: AsyncSession, request: Request, person: Person, known: Subscriber
) -> dict[str, Any]:
    parts, board, now = parts_of(office), office.keeper.board, office.now()
    citizen = Citizen(known.phones, known)
    service = Subscribers(session, office.now, parts.secrets.callers)
    consents = await service.consent_history(known.id) if known.id else []
    tickets = await tickets_of(session, citizen, parts.secrets)
    area = board.area(known.area_id) if known.area_id is not None else None
    words = Words(office, language_of(request, person))
    return {
        "subscriber": known,
        "place": place_of(office, area.id) if area else "",
        "current": board.current(area.id, now) if area else [],
        "coming": board.upcoming(area.id, now) if area else [],
        "words": words,
        "open_tickets": [ticket for ticket in tickets if ticket.state in OPEN],
        "contacts": [Told(each, words) for each in await timeline(session, citizen, parts.secrets, consents)],
        "names": names(words.language),
        "channels": CHANNELS,
        "purposes": PURPOSES,
        "sources": [source for source in SOURCES if source != "import"],
        "may_give_out": person.role.allows(Role.administrator),
    }
