"""Signing in and out, one's own page, and the language of the pages."""

from typing import Annotated, Literal

from fastapi import Depends, Form, Query, Request, Response

from console.office import LANGUAGE_COOKIE, Office, go, language_of
from console.oidc import offered
from console.routing import OWN_PAGE, SIGN_IN, TheOffice, part
from people.errors import PeopleError, SignInRefused
from people.roles import Role
from people.service import PeopleService
from people.signin import Person
from people.web import COOKIE, address_of, allowed, check_origin, person_from, sign_in, sign_out

AnyPerson = Annotated[Person, Depends(allowed(Role.viewer, before_password=True))]
YEAR = 31_536_000

api = part()


@api.get("/sign-in")
async def form(
    office: TheOffice, request: Request, next: Annotated[str, Query(max_length=500)] = "/console"
) -> Response:
    """Who is signed in already goes on."""
    if await person_from(request):
        return go(_own_path(next))
    return _form(office, request, next)


@api.post("/sign-in")
async def enter(
    office: TheOffice,
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=500)] = "/console",
) -> Response:
    check_origin(request)
    agent = request.headers.get("User-Agent", "")
    try:
        token = await office.signin.password(name, password, address_of(request), agent)
    except SignInRefused as refused:
        said = office.said(request, refused)
        if refused.wait_seconds:
            said = office.pages.texts.say("signin.throttled", language_of(request), seconds=refused.wait_seconds)
        return _form(office, request, next, name, said, 401)
    answer = go(_own_path(next))
    sign_in(request, answer, token)
    return answer


@api.post("/sign-out")
async def leave(office: TheOffice, request: Request, person: AnyPerson) -> Response:
    await office.signin.sign_out(request.cookies.get(COOKIE))
    answer = go(SIGN_IN)
    sign_out(request, answer)
    return answer


@api.get("/me")
async def me(office: TheOffice, request: Request, person: AnyPerson) -> Response:
    return office.page(request, person, "console/me.html", sessions=await _sessions(office, person))


@api.post("/me/password")
async def change_password(
    office: TheOffice,
    request: Request,
    person: AnyPerson,
    present: Annotated[str, Form(max_length=1000)] = "",
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    try:
        if new != again:
            raise PeopleError("The two new passwords differ; type them again.", "passwords_differ")
        await office.signin.change_password(person, present, new, address_of(request))
    except PeopleError as refused:
        said = office.said(request, refused, person)
        sessions = await _sessions(office, person)
        return office.page(request, person, "console/me.html", status=422, sessions=sessions, wrong=said)
    return go("/console" if person.must_change else OWN_PAGE, "password_changed")


@api.post("/me/end-others")
async def end_others(office: TheOffice, person: AnyPerson) -> Response:
    async with office.db.session() as session:
        await PeopleService(session, office.now, person.name).end_sessions(person.id, but=person.session_id)
        await session.commit()
    return go(OWN_PAGE, "sessions_ended")


@api.post("/language")
async def language(
    office: TheOffice, request: Request, person: AnyPerson, language: Annotated[Literal["tr", "en"], Form()]
) -> Response:
    async with office.db.session() as session:
        await PeopleService(session, office.now, person.name).change(person.id, language=language)
        await session.commit()
    answer = go(_came_from(request))
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, path="/", samesite="lax", httponly=True)
    return answer


def _form(
    office: Office, request: Request, next: str, name: str = "", wrong: str | None = None, status: int = 200
) -> Response:
    oidc = offered(request) is not None
    return office.outside(request, "console/sign_in.html", status=status, next=next, name=name, wrong=wrong, oidc=oidc)


async def _sessions(office: Office, person: Person) -> list[dict[str, object]]:
    async with office.db.reading() as session:
        found = await PeopleService(session, office.now, person.name).sessions(person.id)
    return [{"agent": s.agent, "address": s.address, "seen": s.seen, "own": s.id == person.session_id} for s in found]


def _own_path(path: str) -> str:
    """Only pages of the console: an address from a link must not lead elsewhere."""
    plain = path.startswith("/console") and "\\" not in path and "//" not in path and path.isprintable()
    return path if plain else "/console"


def _came_from(request: Request) -> str:
    referer = request.headers.get("Referer", "")
    host = request.headers.get("Host", "")
    _, found, path = referer.partition(f"://{host}")
    return _own_path(path) if found else "/console"
