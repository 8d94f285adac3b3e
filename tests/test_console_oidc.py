"""Signing in to the console with the utility's own account."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from people.oidc import Admission, OpenIdSignIn
from people.provider import Client
from people.roles import Role
from people.web import PENDING_COOKIE
from storage.database import Database
from tests.console_world import ADDRESS, Browser, ConsoleWorld, console_world
from tests.oidc_provider import CLIENT, SECRET, Provider, running


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def provider(world: ConsoleWorld) -> AsyncIterator[Provider]:
    async with running(world.clock) as provider:
        office = world.office
        client = Client(provider.issuer, CLIENT, SECRET)
        admission = Admission("groups", {"water": Role.publisher}, None)
        world.app.state.openid = OpenIdSignIn(office.db, world.clock, office.signin, client, admission)
        yield provider


async def to_provider_and_back(browser: Browser) -> httpx.Response:
    """What a browser does when somebody presses the button."""
    sent = await browser.get("/console/oidc")
    assert sent.status_code == 303
    async with httpx.AsyncClient(trust_env=False) as client:
        back = (await client.get(sent.headers["location"])).headers["location"]
    assert back.startswith(f"{ADDRESS}/console/oidc/back?")
    return await browser.get(f"{urlsplit(back).path}?{urlsplit(back).query}")


async def test_the_button_leads_in(world: ConsoleWorld, provider: Provider) -> None:
    provider.claims = {"preferred_username": "ayse", "name": "Ayşe <b>Kaya</b>", "groups": ["water"]}
    async with world.browser() as browser:
        assert 'href="/console/oidc"' in (await browser.open("/console/sign-in")).text
        entered = await to_provider_and_back(browser)
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        assert PENDING_COOKIE not in browser.cookies
        page = (await browser.open("/console/me")).text
        assert "Ayşe &lt;b&gt;Kaya" in page
        assert "yayımcı" in page


async def test_who_is_refused_reads_why_and_may_try_a_password(world: ConsoleWorld, provider: Provider) -> None:
    provider.answer = {"code": "", "error": "access_denied"}
    async with world.browser() as browser:
        refused = await to_provider_and_back(browser)
        assert refused.status_code == 401
        assert "Kurum hesabıyla giriş tamamlanamadı" in refused.text
        assert 'name="password"' in refused.text


async def test_an_answer_that_this_browser_did_not_ask_for_lets_nobody_in(
    world: ConsoleWorld, provider: Provider
) -> None:
    async with world.browser() as victim, world.browser() as attacker:
        sent = await attacker.get("/console/oidc")
        async with httpx.AsyncClient(trust_env=False) as client:
            back = urlsplit((await client.get(sent.headers["location"])).headers["location"])
        assert (await victim.get(f"{back.path}?{back.query}")).status_code == 401
        assert (await victim.get("/console")).status_code == 303


async def test_a_provider_that_is_away_is_told(world: ConsoleWorld, provider: Provider) -> None:
    office = world.office
    client = Client("http://127.0.0.1:9", CLIENT, SECRET)
    world.app.state.openid = OpenIdSignIn(office.db, world.clock, office.signin, client, Admission())
    async with world.browser() as browser:
        away = await browser.get("/console/oidc")
        assert away.status_code == 401
        assert "yanıt vermiyor" in away.text


async def test_without_a_provider_there_is_no_button(world: ConsoleWorld) -> None:
    async with world.browser() as browser:
        assert "/console/oidc" not in (await browser.open("/console/sign-in")).text
        for path in ("/console/oidc", "/console/oidc/back?code=1&state=2"):
            assert (await browser.get(path)).headers["location"] == "/console/sign-in"
