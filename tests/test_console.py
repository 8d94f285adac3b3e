"""The console's frame: who is let in, what a page looks like to them, and that nothing foreign gets through."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi.routing import RouteContext, iter_route_contexts

from console.office import SECTIONS
from people.roles import Duty, Role
from people.web import Allowed
from storage.database import Database
from tests.console_world import ConsoleWorld, console_world
from tests.people_world import PASSWORD, add_person


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


def pages_of(world: ConsoleWorld) -> list[RouteContext]:
    """Every route below /console; a test that walks them must not walk past them."""
    found = [c for c in iter_route_contexts(world.app.routes) if str(c.path).startswith("/console")]
    assert len(found) > 8
    return found


def role_of(page: RouteContext) -> Role | None:
    roles = [d.call.role for d in page.dependant.dependencies if isinstance(d.call, Allowed)]
    return roles[0] if roles else None


def duty_of(page: RouteContext) -> Duty | None:
    duties = [d.call.duty for d in page.dependant.dependencies if isinstance(d.call, Allowed)]
    return duties[0] if duties else None


def address(page: RouteContext) -> str:
    """With a number in place of every parameter."""
    return re.sub(r"\{[^}]*\}", "1", page.path)


async def test_strangers_are_sent_to_sign_in_and_come_back_to_their_page(world: ConsoleWorld) -> None:
    await add_person(world.office.db, "ayse", Role.operator, world.clock)
    async with world.browser() as browser:
        sent = await browser.get("/console/me")
        assert (sent.status_code, sent.headers["location"]) == (303, "/console/sign-in?next=%2Fconsole%2Fme")
        form = await browser.open(sent.headers["location"])
        assert 'name="next" value="/console/me"' in form.text
        entered = await browser.post(
            "/console/sign-in", data={"name": "ayse", "password": PASSWORD, "next": "/console/me"}
        )
        assert (entered.status_code, entered.headers["location"]) == (303, "/console/me")
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert "SameSite=lax" in entered.headers["set-cookie"]
        page = await browser.open("/console/me")
        assert page.status_code == 200
        assert "Ayse" in page.text


@pytest.mark.parametrize("next_page", ["https://evil.example", "//evil.example", "/console\\evil", "/console//evil"])
async def test_signing_in_never_leads_to_another_site(world: ConsoleWorld, next_page: str) -> None:
    await add_person(world.office.db, "ayse", Role.operator, world.clock)
    async with world.browser() as browser:
        entered = await browser.post("/console/sign-in", data={"name": "ayse", "password": PASSWORD, "next": next_page})
        assert entered.headers["location"] == "/console"


async def test_a_wrong_password_is_told_in_the_readers_language(world: ConsoleWorld) -> None:
    async with world.browser() as browser:
        turkish = await browser.post("/console/sign-in", data={"name": "ayse", "password": "x"})
        assert turkish.status_code == 401
        assert "Kullanıcı adı ya da parola yanlış" in turkish.text
        english = await browser.post(
            "/console/sign-in", data={"name": "ayse", "password": "x"}, headers={"Accept-Language": "en-GB"}
        )
        assert "The user name or the password is wrong" in english.text


async def test_every_page_declares_who_may_see_it(world: ConsoleWorld) -> None:
    open_to_all = {"/console/sign-in", "/console/oidc", "/console/oidc/back"}
    undeclared = {page.path for page in pages_of(world) if role_of(page) is None and page.path not in open_to_all}
    assert undeclared == set()


@pytest.mark.parametrize("role", list(Role))
async def test_every_route_refuses_those_below_its_role(world: ConsoleWorld, role: Role) -> None:
    async with world.browser(role) as browser:
        await browser.open("/console/me")
        for page in pages_of(world):
            if (needed := role_of(page)) is None or role.allows(needed):
                continue
            for method in page.methods:
                answer = await browser.request(method, address(page), headers={"X-CSRF-Token": browser.csrf})
                assert answer.status_code == 403, (method, page.path, role)


@pytest.mark.parametrize("duty", list(Duty))
async def test_no_role_brings_a_duty(world: ConsoleWorld, duty: Duty) -> None:
    """Administrators without it are refused, viewers with it are let in; and it brings nothing else."""
    pages = [page for page in pages_of(world) if duty_of(page) is duty]
    assert len(pages) > 3
    others = set(Duty) - {duty}
    async with (
        world.browser(Role.administrator, duties=others) as without,
        world.browser(Role.viewer, duties=[duty]) as having,
    ):
        for browser in (without, having):
            await browser.open("/console/me")
        for page in pages:
            for method in page.methods:
                refused = await without.request(method, address(page), headers={"X-CSRF-Token": without.csrf})
                assert refused.status_code == 403, (method, page.path)
            if role_of(page) is Role.viewer and "GET" in page.methods and not str(page.path).endswith("/events"):
                assert (await having.get(address(page))).status_code != 403, page.path
        assert (await having.get("/console/system/people")).status_code == 403


async def test_nothing_changes_without_the_pages_token_or_from_another_site(world: ConsoleWorld) -> None:
    async with world.browser(Role.administrator) as browser:
        await browser.open("/console/me")
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"}
        for page in pages_of(world):
            if role_of(page) is None or page.methods <= {"GET", "HEAD"}:
                continue
            without = await browser.post(address(page), data={"csrf": "guessed"})
            assert without.status_code == 403, page.path
            other = await browser.post(address(page), data={"csrf": browser.csrf}, headers=foreign)
            assert other.status_code == 403, page.path
        assert (await browser.get("/console/me")).status_code == 200


async def test_only_what_a_role_may_use_is_offered_to_it(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open("/console")).text
        for section in SECTIONS:
            shown = Role.viewer.allows(section.role) and section.duty is None
            assert (f'href="{section.path}"' in page) == shown, section


async def test_pages_speak_both_languages(world: ConsoleWorld) -> None:
    assert world.office.pages.texts.problems() == []
    async with world.browser(Role.viewer) as browser:
        assert '<html lang="tr">' in (await browser.open("/console")).text
        changed = await browser.submit("/console/language", language="en")
        assert changed.status_code == 303
        page = await browser.open("/console")
        assert '<html lang="en">' in page.text
        assert page.headers["Content-Language"] == "en"


async def test_who_signed_out_is_out(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        await browser.open("/console")
        token = dict(browser.cookies)
        assert (await browser.submit("/console/sign-out")).status_code == 303
        browser.cookies.update(token)
        assert (await browser.get("/console")).status_code == 303


async def test_an_ended_session_sends_a_part_of_a_page_to_sign_in(world: ConsoleWorld) -> None:
    async with world.browser() as browser:
        part = await browser.get("/console/alerts", headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/console/sign-in?next=%2Fconsole")
