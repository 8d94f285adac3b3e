"""Who may sign in: made, changed, sent away and let in again by administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from console.office import Office, go
from console.routing import Administrator, part
from people import passwords
from people.errors import PeopleError
from people.roles import Role
from people.secrets import one_time_password
from people.service import PeopleService
from people.signin import Person

PEOPLE = "/console/system/people"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=200)]


def router(office: Office) -> APIRouter:
    api = part(office, "/system/people")

    @api.get("")
    async def everybody(request: Request, person: Administrator) -> Response:
        return await _list(request, person)

    @api.post("")
    async def create(
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
            async with office.db.session() as session:
                service = PeopleService(session, office.now, person.name)
                user = await service.create_user(name, full_name, role, language=language, password_hash=kept)
                await session.commit()
        except PeopleError as refused:
            given = {"name": name, "full_name": full_name, "role": role, "language": language}
            return await _list(request, person, 422, given=given, wrong=office.said(request, refused, person))
        return office.page(request, person, "console/one_time_password.html", user=user, password=password, new=True)

    @api.get("/{user_id}")
    async def one(request: Request, person: Administrator, user_id: Number) -> Response:
        return await _one(request, person, user_id)

    @api.post("/{user_id}")
    async def change(
        request: Request,
        person: Administrator,
        user_id: Number,
        role: Annotated[Role, Form()],
        full_name: Text = "",
        language: Annotated[str, Form(max_length=2)] = "tr",
    ) -> Response:
        try:
            async with office.db.session() as session:
                service = PeopleService(session, office.now, person.name)
                await service.change(user_id, full_name=full_name, role=role, language=language)
                await session.commit()
        except PeopleError as refused:
            return await _one(request, person, user_id, 422, wrong=office.said(request, refused, person))
        return go(f"{PEOPLE}/{user_id}", "person_changed")

    @api.post("/{user_id}/password")
    async def reset_password(request: Request, person: Administrator, user_id: Number) -> Response:
        password = one_time_password()
        kept = await passwords.kept(password)
        async with office.db.session() as session:
            service = PeopleService(session, office.now, person.name)
            await service.set_password(user_id, kept, must_change=True)
            user = await service.get(user_id)
            await session.commit()
        return office.page(request, person, "console/one_time_password.html", user=user, password=password, new=False)

    @api.post("/{user_id}/deactivate")
    async def deactivate(request: Request, person: Administrator, user_id: Number) -> Response:
        try:
            async with office.db.session() as session:
                await PeopleService(session, office.now, person.name).deactivate(user_id)
                await session.commit()
        except PeopleError as refused:
            return await _one(request, person, user_id, 409, wrong=office.said(request, refused, person))
        return go(f"{PEOPLE}/{user_id}", "person_deactivated")

    @api.post("/{user_id}/activate")
    async def activate(person: Administrator, user_id: Number) -> Response:
        async with office.db.session() as session:
            await PeopleService(session, office.now, person.name).activate(user_id)
            await session.commit()
        return go(f"{PEOPLE}/{user_id}", "person_activated")

    @api.post("/{user_id}/end-sessions")
    async def end_sessions(person: Administrator, user_id: Number) -> Response:
        async with office.db.session() as session:
            await PeopleService(session, office.now, person.name).end_sessions(user_id)
            await session.commit()
        return go(f"{PEOPLE}/{user_id}", "person_signed_out")

    async def _list(
        request: Request, person: Person, status: int = 200, *, given: object = None, wrong: str | None = None
    ) -> Response:
        async with office.db.reading() as session:
            users = await PeopleService(session, office.now, person.name).everybody()
        values = {"users": users, "roles": list(Role), "given": given or {}, "wrong": wrong}
        return office.page(request, person, "console/people.html", status=status, **values)

    async def _one(
        request: Request, person: Person, user_id: int, status: int = 200, *, wrong: str | None = None
    ) -> Response:
        async with office.db.reading() as session:
            service = PeopleService(session, office.now, person.name)
            user, sessions = await service.get(user_id), await service.sessions(user_id)
        values = {"user": user, "user_sessions": sessions, "roles": list(Role), "wrong": wrong}
        return office.page(request, person, "console/person.html", status=status, **values)

    return api
