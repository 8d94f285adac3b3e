"""The lists of the desk as administrators write them."""

from typing import Annotated, Any, Literal

from fastapi import Form, Path, Request, Response

from agents.setup import Setup
from console.office import Office, go, language_of
from console.routing import Administrator, TheOffice, part
from console.ticket_words import names
from outages.errors import OutageError
from outages.rest import STATUS
from people.signin import Person

SETUP = "/console/desk/setup"
List = Literal["pauses", "results", "scripts", "targets"]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=2100)]
FIELDS: dict[str, tuple[str, ...]] = {
    "pauses": ("label_tr", "label_en"),
    "results": ("label_tr", "label_en"),
    "scripts": ("about", "title", "text"),
    "targets": ("kind", "label", "number"),
}

api = part("/desk/setup")


@api.get("")
async def lists(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _lists(office, request, person)


@api.post("/queues")
async def name_queue(
    office: TheOffice,
    request: Request,
    person: Administrator,
    name: Text = "",
    label_tr: Text = "",
    label_en: Text = "",
) -> Response:
    return await _done(office, request, person, lambda setup: setup.name_queue(name, label_tr, label_en))


@api.post("/{list_name}")
async def add(office: TheOffice, request: Request, person: Administrator, list_name: List) -> Response:
    given = await _given(request, list_name)
    return await _done(office, request, person, lambda setup: setup.add(list_name, **given))


@api.post("/{list_name}/{row_id}")
async def change(office: TheOffice, request: Request, person: Administrator, list_name: List, row_id: Id) -> Response:
    given = await _given(request, list_name)
    return await _done(office, request, person, lambda setup: setup.change(list_name, row_id, **given))


@api.post("/{list_name}/{row_id}/switch")
async def switch(office: TheOffice, request: Request, person: Administrator, list_name: List, row_id: Id) -> Response:
    return await _done(office, request, person, lambda setup: setup.switch(list_name, row_id))


async def _given(request: Request, list_name: str) -> dict[str, Any]:
    form = await request.form()
    given: dict[str, Any] = {name: str(form.get(name, ""))[:2100] for name in FIELDS[list_name]}
    return given | ({"call_back": form.get("call_back") == "true"} if list_name == "results" else {})


async def _done(office: Office, request: Request, person: Person, work: Any) -> Response:
    try:
        async with office.db.session() as session:
            await work(Setup(session, office.now, person.name))
            await session.commit()
    except OutageError as refused:
        return await _lists(office, request, person, refused)
    return go(SETUP, "desk_saved")


async def _lists(office: Office, request: Request, person: Person, refused: OutageError | None = None) -> Response:
    async with office.db.reading() as session:
        setup = Setup(session, office.now, person.name)
        rows = {name: await setup.all(name) for name in FIELDS}
        queues = await setup.queues()
    values: dict[str, Any] = {"rows": rows, "fields": FIELDS, "queues": queues}
    values["names"] = names(language_of(request, person))
    values["wrong"] = office.said(request, refused, person) if refused else None
    status = STATUS.get(refused.code, 422) if refused else 200
    return office.page(request, person, "console/desk_setup.html", status=status, **values)
