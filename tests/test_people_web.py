"""What a browser may do: cookies, roles, and pages of other sites that try to act in somebody's name."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse

from people import web
from people.errors import PeopleError
from people.models import User
from people.roles import Role
from people.signin import Person, SignIn
from storage.database import Database
from tests.outage_world import Clock
from tests.people_world import PASSWORD, add_person, signed_in


def pages(db: Database, public_url: str | None = None) -> FastAPI:
    app = FastAPI()
    app.state.signin, app.state.public_url = SignIn(db, Clock()), public_url

    @app.exception_handler(PeopleError)
    async def refused(request: Request, error: PeopleError) -> JSONResponse:
        return JSONResponse({"code": error.code}, web.STATUS.get(error.code, 422))

    @app.post("/login")
    async def login(request: Request, name: Annotated[str, Form()]) -> Response:
        web.check_origin(request)
        response = Response()
        token = await app.state.signin.password(name, PASSWORD, web.address_of(request), "")
        web.sign_in(request, response, token)
        return response

    @app.post("/logout")
    async def logout(request: Request, person: Annotated[Person, Depends(web.allowed(Role.viewer))]) -> Response:
        await app.state.signin.sign_out(request.cookies[web.COOKIE])
        response = Response()
        web.sign_out(request, response)
        return response

    @app.post("/own-password")
    async def own(person: Annotated[Person, Depends(web.allowed(Role.viewer, before_password=True))]) -> str:
        return person.name

    for role in Role:
        page(app, role)
    return app


def page(app: FastAPI, role: Role) -> None:
    @app.get(f"/{role}")
    async def read(person: Annotated[Person, Depends(web.allowed(role))]) -> str:
        return person.name

    @app.post(f"/{role}")
    async def write(person: Annotated[Person, Depends(web.allowed(role))], text: Annotated[str, Form()] = "") -> str:
        return text


@pytest.fixture
def app(db: Database) -> FastAPI:
    return pages(db)


def browser(app: FastAPI, base: str = "http://desk.test") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


async def csrf(
    client: httpx.AsyncClient, app: FastAPI, db: Database, name: str = "ayse", role: Role = Role.operator
) -> str:
    await add_person(db, name, role)
    token = await signed_in(app.state.signin, name)
    client.cookies.set(web.COOKIE, token)
    person = await app.state.signin.who(token)
    return str(person.csrf)


@pytest.mark.parametrize("mine", list(Role))
async def test_each_role_opens_its_pages_and_those_of_lesser_ones(
    client: httpx.AsyncClient, app: FastAPI, db: Database, mine: Role
) -> None:
    for role in Role:
        assert (await client.get(f"/{role}")).json() == {"code": "not_signed_in"}
    token = await csrf(client, app, db, "ayse", mine)
    for role in Role:
        expected = 200 if mine.allows(role) else 403
        assert (await client.get(f"/{role}")).status_code == expected
        answer = await client.post(f"/{role}", data={"csrf": token, "text": "x"})
        assert answer.status_code == expected, answer.text


def test_the_role_of_every_route_can_be_listed(app: FastAPI) -> None:
    roles = {}
    for route in app.routes:
        for dependency in getattr(getattr(route, "dependant", None), "dependencies", []):
            if isinstance(dependency.call, web.Allowed):
                roles[route.path] = dependency.call.role
    assert roles["/publisher"] is Role.publisher
    assert roles["/logout"] is Role.viewer
    assert "/login" not in roles


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://desk.test.evil.test"},
        {"Origin": "http://desk.test:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.test"},
    ],
)
async def test_another_site_is_refused_even_with_the_right_token(
    client: httpx.AsyncClient, app: FastAPI, db: Database, headers: dict[str, str]
) -> None:
    token = await csrf(client, app, db)
    answer = await client.post("/operator", headers={**headers, "X-CSRF-Token": token})
    assert (answer.status_code, answer.json()) == (403, {"code": "other_site"})
    assert (await client.post("/login", data={"name": "ayse"}, headers=headers)).status_code == 403


@pytest.mark.parametrize("given", ["", "guess", "ö", None])
async def test_without_the_sessions_own_token_nothing_is_changed(
    client: httpx.AsyncClient, app: FastAPI, db: Database, given: str | None
) -> None:
    await csrf(client, app, db, "ali")
    others = await csrf(client, app, db)
    client.cookies.clear()
    client.cookies.set(web.COOKIE, await signed_in(app.state.signin, "ali"))
    for attempt in (given, others):
        data = {"text": "x"} if attempt is None else {"text": "x", "csrf": attempt}
        assert (await client.post("/operator", data=data)).json() == {"code": "bad_csrf"}
        assert (await client.post("/operator", json=data)).json() == {"code": "bad_csrf"}
        if attempt is not None:
            headers = {"X-CSRF-Token": attempt.encode()}
            assert (await client.post("/operator", headers=headers)).json() == {"code": "bad_csrf"}
    file = await client.post("/operator", files={"csrf": ("csrf", others.encode())})
    assert file.json() == {"code": "bad_csrf"}


async def test_the_token_comes_as_a_header_or_as_a_field(client: httpx.AsyncClient, app: FastAPI, db: Database) -> None:
    token = await csrf(client, app, db)
    own = {"Origin": "http://desk.test", "Sec-Fetch-Site": "same-origin"}
    assert (await client.post("/operator", headers={**own, "X-CSRF-Token": token})).status_code == 200
    assert (await client.post("/operator", headers=own, data={"csrf": token, "text": "kaldı"})).json() == "kaldı"
    assert (await client.post("/operator", data={"csrf": token}, files={"f": b"x"})).status_code == 200


async def test_the_cookie_is_for_this_site_only(client: httpx.AsyncClient, app: FastAPI, db: Database) -> None:
    await add_person(db, "ayse")
    cookie = (await client.post("/login", data={"name": "ayse"})).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} < {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert (await client.get("/operator")).status_code == 200
    async with browser(app, "https://desk.test") as secure:
        assert "Secure" in (await secure.post("/login", data={"name": "ayse"})).headers["Set-Cookie"]
    proxied = pages(db, "https://desk.test")
    async with browser(proxied, "http://desk.test") as behind:
        origin = {"Origin": "https://desk.test"}
        answer = await behind.post("/login", data={"name": "ayse"}, headers=origin)
        assert "Secure" in answer.headers["Set-Cookie"]


async def test_signing_out_takes_the_cookie_away_and_ends_the_session(
    client: httpx.AsyncClient, app: FastAPI, db: Database
) -> None:
    token = await csrf(client, app, db)
    kept = client.cookies[web.COOKIE]
    answer = await client.post("/logout", headers={"X-CSRF-Token": token})
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    client.cookies.set(web.COOKIE, kept)
    assert (await client.get("/viewer")).status_code == 401


async def test_a_one_time_password_opens_nothing_but_the_way_to_a_new_one(
    client: httpx.AsyncClient, app: FastAPI, db: Database
) -> None:
    token = await csrf(client, app, db)
    async with db.session() as session:
        user = await session.get(User, 1)
        assert user
        user.must_change = True
        await session.commit()
    assert (await client.get("/viewer")).json() == {"code": "must_change_password"}
    assert (await client.post("/own-password", headers={"X-CSRF-Token": token})).json() == "ayse"
