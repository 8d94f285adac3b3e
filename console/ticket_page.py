"""One ticket: what was reported, where it is and why there, what may be done now, and all that was done."""

from typing import Annotated, Any

from fastapi import File, Form, Request, Response, UploadFile
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.office import Office, go, language_of
from console.routing import Operator, TheOffice, Viewer, part
from console.ticket_words import names
from console.tickets import TICKETS, caller_of, place_of
from people.roles import Role
from people.signin import Person
from tickets import levels, search
from tickets.errors import TicketError
from tickets.handling import Handling
from tickets.kinds import Category, Urgency
from tickets.life import Move, possible
from tickets.models import Ticket
from tickets.unit_models import Unit
from tickets.words import CAUSES

Text = Annotated[str, Form(max_length=2100)]
Short = Annotated[str, Form(max_length=60)]
Id = Annotated[int, Form(ge=1, le=2**31 - 1)]
BY_BUTTON = tuple(move for move in Move if move not in (Move.send, Move.hand_on, Move.restored))
"""Moves with a button of their own; the others need a unit or an outage."""


api = part("/tickets")


@api.get("/{number}")
async def ticket(office: TheOffice, request: Request, person: Viewer, number: str) -> Response:
    return await ticket_page(office, request, person, number)


@api.get("/{number}/voice")
async def voice(office: TheOffice, person: Operator, number: str) -> Response:
    """What the caller said."""
    async with office.db.reading() as session:
        shown = await office.tickets.files.voice(await _work(office, session, person).get(number))
    return Response(shown.data, headers=shown.headers, media_type=shown.kind)


@api.get("/{number}/files/{file_id}")
async def file(office: TheOffice, person: Operator, number: str, file_id: int) -> Response:
    async with office.db.reading() as session:
        found = await _work(office, session, person).get(number)
        shown = await office.tickets.files.read(session, found, min(abs(file_id), 2**31 - 1))
    return Response(shown.data, headers=shown.headers, media_type=shown.kind)


@api.post("/{number}/move")
async def move(
    office: TheOffice,
    person: Operator,
    number: str,
    move: Annotated[Move, Form()],
    note: Text = "",
    cause: Short = "",
    reason: Short = "",
) -> Response:
    async with office.db.session() as session:
        await _work(office, session, person).move(number, move, note=note, cause=cause or None, reason=reason or None)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_moved")


@api.post("/{number}/hand-on")
async def hand_on(office: TheOffice, person: Operator, number: str, unit: Id, note: Text = "") -> Response:
    async with office.db.session() as session:
        await _work(office, session, person).hand_on(number, unit, note=note)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_handed_on")


@api.post("/{number}/note")
async def note(office: TheOffice, person: Operator, number: str, note: Text = "") -> Response:
    async with office.db.session() as session:
        await _work(office, session, person).note(number, note)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_noted")


@api.post("/{number}/kind")
async def kind(
    office: TheOffice,
    person: Operator,
    number: str,
    category: Annotated[Category, Form()],
    urgency: Annotated[Urgency, Form()],
    note: Text = "",
) -> Response:
    async with office.db.session() as session:
        await _work(office, session, person).change(number, category, urgency, note=note)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_changed")


@api.post("/{number}/files")
async def add_file(office: TheOffice, person: Operator, number: str, file: Annotated[UploadFile, File()]) -> Response:
    async with office.db.session() as session:
        ticket = await _work(office, session, person).get(number, hold=True)
        data, name = await file.read(), file.filename or ""
        await office.tickets.files.add(session, ticket, office.now(), person.name, name, data)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_file_added")


@api.post("/{number}/join/{how}")
async def join(
    office: TheOffice,
    person: Operator,
    number: str,
    how: str,
    other: Annotated[str, Form(max_length=20)] = "",
    note: Text = "",
) -> Response:
    """`merge` and `take-out`, `attach` and `detach`."""
    async with office.db.session() as session:
        await _joined(_work(office, session, person), number, how, other.strip(), note)
        await session.commit()
    return go(f"{TICKETS}/{number}", "ticket_changed")


async def _joined(work: Handling, number: str, how: str, other: str, note: str) -> None:
    if how == "merge":
        await work.merge(number, other, note=note)
    elif how == "take-out":
        await work.take_out(number, note=note)
    elif how == "attach" and other.isdecimal() and len(other) < 10:
        await work.attach(number, int(other), note=note)
    elif how == "detach":
        await work.detach(number, note=note)
    else:
        raise TicketError("There is no such outage that is not over.", "no_such_outage")


def _work(office: Office, session: AsyncSession, person: Person) -> Handling:
    return office.tickets.handling(session, person.name)


async def ticket_page(office: Office, request: Request, person: Person, number: str) -> Response:
    async with office.db.reading() as session:
        ticket = await _work(office, session, person).get(number)
        values = await _values(office, session, person, ticket)
    return office.page(request, person, "console/ticket.html", names=names(language_of(request, person)), **values)


async def _values(office: Office, session: AsyncSession, person: Person, ticket: Ticket) -> dict[str, Any]:
    merged = ticket.merged_into is not None
    moves = possible(ticket.state, merged=merged, category=ticket.category)
    units = (await session.scalars(select(Unit).where(Unit.active).order_by(Unit.name))).all()
    return {
        "ticket": ticket,
        "main": await session.get(Ticket, ticket.merged_into) if ticket.merged_into else None,
        "within": await search.within(session, ticket),
        "same": await search.same_caller(session, ticket),
        "unit": await session.get(Unit, ticket.unit_id) if ticket.unit_id else None,
        "units": units,
        "clocks": await levels.clocks(session, ticket),
        "files": await search.files_of(session, ticket),
        "history": await search.history(session, ticket),
        "moves": [move for move in BY_BUTTON if move in moves],
        "can_hand_on": Move.hand_on in moves,
        "can_work": person.role.allows(Role.operator),
        "causes": list(CAUSES),
        "caller": caller_of(person)(ticket),
        "place": place_of(office, ticket.area_id),
        "outages": _outages(office),
    }


def _outages(office: Office) -> list[tuple[int, str]]:
    """Those that callers hear of now, each with one of its places."""
    views = office.keeper.board.outages
    return [(view.id, place_of(office, next(iter(view.area_ids), None))) for view in views]
