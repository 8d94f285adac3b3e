"""A unit's inbox, made for a telephone in the field: what is to be done, the next step as one large button."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import File, Form, Path, Request, Response, UploadFile
from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.office import go, language_of
from console.routing import Operator, TheOffice, part
from console.ticket_words import names
from console.tickets import place_of
from tickets.errors import TicketError
from tickets.kinds import Urgency
from tickets.life import FIELD_MOVES, Move, State, possible
from tickets.models import Ticket, TicketClock
from tickets.words import CAUSES

AT_WORK = (State.sent, State.accepted, State.on_the_way, State.on_site)
MOST = 100
UnitId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_ORDER = case({urgency: place for place, urgency in enumerate(Urgency)}, value=Ticket.urgency)


api = part("/unit")


@api.get("/{unit_id}")
async def inbox(office: TheOffice, request: Request, person: Operator, unit_id: UnitId) -> Response:
    """What is urgent first, then what has waited longest."""
    async with office.db.reading() as session:
        unit = await office.tickets.setup(session, person.name).unit(unit_id)
        mine = select(Ticket).where(Ticket.unit_id == unit_id, Ticket.merged_into.is_(None))
        mine = mine.where(Ticket.state.in_(AT_WORK), Ticket.outage_id.is_(None)).order_by(_ORDER, Ticket.opened)
        found = (await session.scalars(mine.limit(MOST))).all()
        due = await _due(session, found)
    cards = [
        {
            "ticket": ticket,
            "place": place_of(office, ticket.area_id),
            "due": due.get(ticket.id),
            "moves": [move for move in FIELD_MOVES if move in possible(ticket.state, category=ticket.category)],
        }
        for ticket in found
    ]
    values: dict[str, Any] = {
        "unit": unit,
        "cards": cards,
        "causes": list(CAUSES),
        "names": names(language_of(request, person)),
    }
    return office.page(request, person, "console/unit_inbox.html", **values)


@api.post("/{unit_id}/{number}")
async def step(
    office: TheOffice,
    person: Operator,
    unit_id: UnitId,
    number: str,
    move: Annotated[Move, Form()],
    cause: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=2100)] = "",
    photo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """One step, with a photo where there is one; both are kept or neither."""
    if move not in FIELD_MOVES:
        raise TicketError("The field accepts, sets out, arrives and finishes.", "impossible_move")
    async with office.db.session() as session:
        work = office.tickets.handling(session, person.name)
        ticket = await work.get(number, hold=True)
        if ticket.unit_id != unit_id:
            raise TicketError("This ticket is at another unit now.", "other_unit")
        if photo is not None and (data := await photo.read()):
            files = office.tickets.files
            await files.add(session, ticket, office.now(), person.name, photo.filename or "", data)
        await work.move(number, move, note=note, cause=cause or None)
        await session.commit()
    return go(f"/console/unit/{unit_id}", f"ticket_{move}")


async def _due(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[int, TicketClock]:
    """The promise of each ticket that comes next."""
    ids = [ticket.id for ticket in tickets]
    query = select(TicketClock).join(Ticket, Ticket.id == TicketClock.ticket_id)
    query = query.where(Ticket.id.in_(ids), TicketClock.round == Ticket.round, TicketClock.met.is_(None))
    found: dict[int, TicketClock] = {}
    for clock in await session.scalars(query.order_by(TicketClock.due.desc())):
        found[clock.ticket_id] = clock
    return found
