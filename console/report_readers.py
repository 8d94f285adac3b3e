"""Who gets reports by mail: whoever sees the whole house, and the units."""

from typing import Annotated

from fastapi import Form, Path, Request, Response

from console.office import Office, go
from console.routing import Administrator, TheOffice, part
from outages.errors import OutageError
from outbox.errors import OutboxError
from people.signin import Person
from reports.readers import Readers, Wishes

READERS = "/console/reports/readers"
Choice = Annotated[bool, Form()]

api = part("/reports/readers")


@api.get("")
async def readers(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _page(office, request, person)


@api.post("")
async def add(
    office: TheOffice,
    request: Request,
    person: Administrator,
    address: Annotated[str, Form(max_length=200)] = "",
    daily: Choice = False,
    weekly: Choice = False,
    monthly: Choice = False,
) -> Response:
    """An address that is there already is changed."""
    try:
        async with office.db.session() as session:
            await Readers(session, office.now, person.name).add(address, Wishes(daily, weekly, monthly))
            await session.commit()
    except (OutageError, OutboxError) as refused:
        return await _page(office, request, person, office.said(request, refused, person), address)
    return go(READERS, "report_readers_saved")


@api.post("/units")
async def units(
    office: TheOffice,
    person: Administrator,
    daily: Choice = False,
    weekly: Choice = False,
    monthly: Choice = False,
) -> Response:
    async with office.db.session() as session:
        await Readers(session, office.now, person.name).set_units(Wishes(daily, weekly, monthly))
        await session.commit()
    return go(READERS, "report_readers_saved")


@api.post("/{reader_id}/remove")
async def remove(
    office: TheOffice, person: Administrator, reader_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    async with office.db.session() as session:
        await Readers(session, office.now, person.name).remove(reader_id)
        await session.commit()
    return go(READERS, "report_readers_saved")


async def _page(
    office: Office, request: Request, person: Person, wrong: str | None = None, typed: str = ""
) -> Response:
    async with office.db.reading() as session:
        work = Readers(session, office.now, person.name)
        values = {
            "readers": await work.all(),
            "settings": await work.settings(),
            "waiting": await work.waiting(),
            "mail": office.tickets.teller.mail,
            "typed": typed,
        }
    status = 422 if wrong else 200
    return office.page(request, person, "console/report_readers.html", status=status, wrong=wrong, **values)
