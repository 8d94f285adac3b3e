"""Units: who they are, when they work, how they are told, and who is told next."""

from typing import Annotated, Any

from fastapi import Form, Path, Request, Response
from sqlalchemy import func, select

from console.office import Office, go
from console.routing import Administrator, TheOffice, Viewer, part
from console.unit_inbox import AT_WORK
from outages.errors import OutageError
from outbox.errors import OutboxError
from outbox.webhooks import Webhooks
from people.signin import Person
from tickets.models import Ticket
from tickets.setup import UnitFacts, week_of
from tickets.unit_models import Unit

UNITS = "/console/units"
UnitId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=200)]
Number = Annotated[str, Form(max_length=9, pattern=r"^\d*$")]


api = part("/units")


@api.get("")
async def units(office: TheOffice, request: Request, person: Viewer) -> Response:
    """Each with how much it has to do."""
    async with office.db.reading() as session:
        found = await office.tickets.setup(session, person.name).units()
        counted = (
            select(Ticket.unit_id, func.count())
            .where(Ticket.state.in_(AT_WORK), Ticket.merged_into.is_(None))
            .group_by(Ticket.unit_id)
        )
        counts = {row[0]: row[1] for row in await session.execute(counted)}
    return office.page(request, person, "console/units.html", units=found, counts=counts)


@api.get("/new")
async def new(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _form(office, request, person, None)


@api.post("/{unit_id}/chain")
async def add_step(
    office: TheOffice,
    person: Administrator,
    unit_id: UnitId,
    name: Text = "",
    email: Text = "",
    phone: Text = "",
    minutes: Number = "",
) -> Response:
    async with office.db.session() as session:
        setup = office.tickets.setup(session, person.name)
        await setup.add_step(unit_id, name, email, phone, int(minutes or 0))
        await session.commit()
    return go(f"{UNITS}/{unit_id}", "unit_saved")


@api.post("/{unit_id}/chain/{step_id}/remove")
async def remove_step(office: TheOffice, person: Administrator, unit_id: UnitId, step_id: UnitId) -> Response:
    async with office.db.session() as session:
        await office.tickets.setup(session, person.name).remove_step(unit_id, step_id)
        await session.commit()
    return go(f"{UNITS}/{unit_id}", "unit_saved")


@api.get("/{unit_id}")
async def unit(office: TheOffice, request: Request, person: Administrator, unit_id: UnitId) -> Response:
    return await _form(office, request, person, unit_id)


@api.post("/{unit_id}")
async def save(
    office: TheOffice,
    request: Request,
    person: Administrator,
    unit_id: Annotated[int, Path(ge=0, le=2**31 - 1)],
    name: Text = "",
    email: Text = "",
    phone: Text = "",
    webhook: Number = "",
    stand_in: Number = "",
    answer_minutes: Number = "",
    always: Annotated[bool, Form()] = False,
    from_: Annotated[str, Form(alias="from", max_length=5)] = "",
    until: Annotated[str, Form(max_length=5)] = "",
    days: Annotated[list[int], Form()] = [],  # noqa: B006 — FastAPI copies it.
    active: Annotated[bool, Form()] = False,
) -> Response:
    """0 stands for a new unit."""
    week = None if always else week_of(from_, until, days)
    minutes = int(answer_minutes or 0)
    facts = UnitFacts(name, email, phone, _id(webhook), week, _id(stand_in), minutes, active)
    try:
        async with office.db.session() as session:
            saved = await office.tickets.setup(session, person.name).save_unit(unit_id or None, facts)
            await session.commit()
    except (OutageError, OutboxError) as refused:
        wrong = office.said(request, refused, person)
        return await _form(office, request, person, unit_id or None, facts, wrong)
    return go(f"{UNITS}/{saved.id}", "unit_saved")


async def _form(
    office: Office,
    request: Request,
    person: Person,
    unit_id: int | None,
    typed: UnitFacts | None = None,
    wrong: str | None = None,
) -> Response:
    async with office.db.reading() as session:
        setup = office.tickets.setup(session, person.name)
        unit = await setup.unit(unit_id) if unit_id else None
        values: dict[str, Any] = {
            "unit": unit,
            "given": typed or (_facts(unit) if unit else UnitFacts("", week={}, answer_minutes=15)),
            "chain": await setup.chain(unit_id) if unit_id else [],
            "others": [each for each in await setup.units(active=True) if each.id != unit_id],
            "hooks": await Webhooks(session, office.now, person.name).all(),
            "mail": office.tickets.teller.mail,
        }
    return office.page(request, person, "console/unit.html", status=422 if wrong else 200, wrong=wrong, **values)


def _facts(unit: Unit) -> UnitFacts:
    names = ("webhook_id", "week", "stand_in_id", "answer_minutes", "active")
    return UnitFacts(unit.name, unit.email or "", unit.phone or "", **{name: getattr(unit, name) for name in names})


def _id(number: str) -> int | None:
    return int(number) if number and int(number) else None
