"""Who may sign in: made, changed, sent away and let in again by administrators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Form, Path, Request, Response

from console.office import Office, go
from console.routing import Administrator, TheOffice, part
from people import passwords
from people.errors import PeopleError
from people.roles import Duty, Role
from people.secrets import one_time_password
from people.service import PeopleService
from people.signin import Person

PEOPLE = "/console/system/people"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=200)]

api = part("/system/people")


@api.get("")
async def everybody(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _list(office, request, person)


@api.post("")
async def create(
    office: TheOffice,
    request: Request,
    person: Administrator,
    name: Text = "",
    full_name: Text = "",
    role: Annotated[Role, Form()] = Role.viewer,
    language: Annotated[str, Form(max_length=2)] = "tr",
) -> Response:
    """The one-time password stands on the page that answers, and nowhere else."""
    password = one_time_password()
    kept = await passwords.kept(password)
    try:
        async with _changing(office, person) as service:
            user = await service.create_user(name, full_name, role, language=language, password_hash=kept)
    except PeopleError as refused:
        given = {"name": name, "full_name": full_name, "role": role, "language": language}
        wrong = office.said(request, refused, person)
        return await _list(office, request, person, status=422, given=given, wrong=wrong)
    return office.page(request, person, "console/one_time_password.html", user=user, password=password, new=True)


@api.get("/{user_id}")
async def one(office: TheOffice, request: Request, person: Administrator, user_id: Number) -> Response:
    return await _one(office, request, person, user_id)


@api.post("/{user_id}")
async def change(
    office: TheOffice,
    request: Request,
    person: Administrator,
    user_id: Number,
    role: Annotated[Role, Form()],
    full_name: Text = "",
    language: Annotated[str, Form(max_length=2)] = "tr",
    duties: Annotated[list[Duty], Form()] = [],  # noqa: B006 — FastAPI copies it.
) -> Response:
    try:
        async with _changing(office, person) as service:
            await service.change(user_id, full_name=full_name, role=role, language=language)
            await service.give_duties(user_id, duties)
    except PeopleError as refused:
        return await _one(office, request, person, user_id, 422, wrong=office.said(request, refused, person))
    return go(f"{PEOPLE}/{user_id}", "person_changed")


@api.post("/{user_id}/password")
async def reset_password(office: TheOffice, request: Request, person: Administrator, user_id: Number) -> Response:
    password = one_time_password()
    kept = await passwords.kept(password)
    async with _changing(office, person) as service:
        await service.set_password(user_id, kept, must_change=True)
        user = await service.get(user_id)
    return office.page(request, person, "console/one_time_password.html", user=user, password=password, new=False)


@api.post("/{user_id}/deactivate")
async def deactivate(office: TheOffice, request: Request, person: Administrator, user_id: Number) -> Response:
    try:
        async with _changing(office, person) as service:
            await service.deactivate(user_id)
    except PeopleError as refused:
        return await _one(office, request, person, user_id, 409, wrong=office.said(request, refused, person))
    return go(f"{PEOPLE}/{user_id}", "person_deactivated")


@api.post("/{user_id}/activate")
async def activate(office: TheOffice, person: Administrator, user_id: Number) -> Response:
    async with _changing(office, person) as service:
        await service.activate(user_id)
    return go(f"{PEOPLE}/{user_id}", "person_activated")


@api.post("/{user_id}/end-sessions")
async def end_sessions(office: TheOffice, person: Administrator, user_id: Number) -> Response:
    async with _changing(office, person) as service:
        await service.end_sessions(user_id)
    return go(f"{PEOPLE}/{user_id}", "person_signed_out")


@asynccontextmanager
async def _changing(office: Office, person: Person) -> AsyncIterator[PeopleService]:
    """Kept unless something is refused."""
    async with office.db.session() as session:
        yield PeopleService(session, office.now, person.name)
        await session.commit()


async def _list(office: Office, request: Request, person: Person, **refused: Any) -> Response:
    async with office.db.reading() as session:
        users = await PeopleService(session, office.now, person.name).everybody()
    values = {"users": users, "roles": list(Role), "given": {}, **refused}
    return office.page(request, person, "console/people.html", **values)


async def _one(
    office: Office, request: Request, person: Person, user_id: int, status: int = 200, *, wrong: str | None = None
) -> Response:
    async with office.db.reading() as session:
        service = PeopleService(session, office.now, person.name)
        user, sessions = await service.get(user_id), await service.sessions(user_id)
    values = {"user": user, "user_sessions": sessions, "roles": list(Role), "all_duties": list(Duty), "wrong": wrong}
    return office.page(request, person, "console/person.html", status=status, **values)
