"""Programs' API keys: what each may do, when it was used last; a new key is shown once."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response

from console.days import day
from console.office import Office, go
from console.routing import Administrator, TheOffice, part
from people.apikeys import KeyService
from people.errors import PeopleError
from people.roles import Scope
from people.signin import Person

KEYS = "/console/system/keys"

api = part("/system/keys")


@api.get("")
async def keys(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _list(office, request, person)


@api.post("")
async def add(
    office: TheOffice,
    request: Request,
    person: Administrator,
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[Scope], Form()] = [],  # noqa: B006 — FastAPI copies it.
    expires: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The key stands on the page that answers, and nowhere else."""
    try:
        async with office.db.session() as session:
            service = KeyService(session, office.now, person.name)
            secret = await service.add(name, scopes, _end_of(expires, office))
            await session.commit()
    except PeopleError as refused:
        given = {"name": name, "scopes": scopes, "expires": expires}
        wrong = office.said(request, refused, person)
        return await _list(office, request, person, status=422, given=given, wrong=wrong)
    return office.page(request, person, "console/key_made.html", name=name.strip(), secret_value=secret)


@api.post("/revoke")
async def revoke(office: TheOffice, person: Administrator, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    async with office.db.session() as session:
        await KeyService(session, office.now, person.name).revoke(name)
        await session.commit()
    return go(KEYS, "key_revoked")


async def _list(office: Office, request: Request, person: Person, **refused: Any) -> Response:
    async with office.db.reading() as session:
        found = await KeyService(session, office.now, person.name).everything()
    values = {"keys": found, "scopes": list(Scope), "given": {"scopes": []}, **refused}
    return office.page(request, person, "console/keys.html", **values)


def _end_of(text: str, office: Office) -> datetime | None:
    """The midnight at which that day is over, here."""
    if not text:
        return None
    end = day(text, office.pages.zone, over=True)
    if end is None:
        raise PeopleError("Write the day as 2026-12-31.", "bad_expiry")
    return end
