"""An administrator opens and closes calls from browsers: at once, in every process, whatever the setting says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from city.opening import FOLDER as CITY
from city.opening import STATIC as CITY_STATIC
from ivr.phones.accounts import PhoneAccounts
from ivr.phones.page import FOLDER, STATIC, PhonePage
from people import audit
from people.roles import Role
from people.switches import PHONE_PAGE, Switched, throw
from storage.database import Database
from tests.console_world import ADDRESS, ConsoleWorld, console_world
from tests.outage_world import Clock
from tests.test_phones import FakeAsterisk
from web.assets import STATIC as WEB_STATIC
from web.assets import Assets
from web.pages import Pages

HERE = "/console/system/phone"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        made.app.state.office = replace(made.office, phone_page=False)
        yield made


class Answers(FakeAsterisk):
    async def ask(self, method: str, path: str) -> None:
        """It is there."""


@dataclass
class Phones:
    """A process that hands out phones, over an Asterisk that is there."""

    asterisk: Answers
    accounts: PhoneAccounts


@asynccontextmanager
async def process(db: Database, clock: Callable[[], Any], *, setting: bool) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at `/phone` of a process of its own."""
    asterisk: Any = Answers()
    phones: Any = Phones(asterisk, PhoneAccounts(asterisk, clock, 20))
    assets = Assets((WEB_STATIC, CITY_STATIC, STATIC))
    pages = Pages([CITY, FOLDER], ZoneInfo("Europe/Istanbul"), assets)
    app = FastAPI()
    app.state.public_url = None
    app.include_router(PhonePage(pages, clock, phones, Switched(db, PHONE_PAGE, setting=setting)).router())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url=ADDRESS, headers={"Sec-Fetch-Site": "same-origin"}
    ) as page:
        yield page


async def is_open(page: httpx.AsyncClient) -> bool:
    """The page and the account that it asks for say the same."""
    shown, account = await page.get("/phone"), await page.post("/phone/account")
    said = {shown.status_code == 200, account.status_code == 200}
    assert len(said) == 1, (shown.status_code, account.text)
    return said.pop()


async def test_the_switch_holds_at_once_in_every_process(world: ConsoleWorld) -> None:
    async with (
        process(world.office.db, world.clock, setting=False) as one,
        process(
            Database(str(world.office.db.url.render_as_string(hide_password=False))), world.clock, setting=False
        ) as other,
        world.browser(Role.administrator) as browser,
    ):
        states = []
        for to in ("", "open", "closed", "open", "left"):
            if to:
                assert (await browser.submit(HERE, to=to)).status_code == 303
            states.append((await is_open(one), await is_open(other)))
        assert states == [(False, False), (True, True), (False, False), (True, True), (False, False)]


async def test_the_page_says_what_holds_and_why(world: ConsoleWorld) -> None:
    async with world.browser(Role.administrator, "ayse") as browser:
        at_first = (await browser.open(HERE)).text
        assert "Şimdi kapalı" in at_first
        assert "ALO185_PHONE_PAGE" in at_first
        assert "Ayara bırak" not in at_first
        await browser.submit(HERE, to="open")
        opened = (await browser.open(HERE)).text
        assert "Şimdi açık" in opened
        assert "Ayar kapalı diyor" in opened
        assert "ayse" in opened
        await browser.submit(HERE, to="left")
        assert (await browser.open(HERE)).text.count("Şimdi kapalı") == 1


async def test_each_change_is_audited_once_and_only_administrators_make_one(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as other:
        assert (await other.submit(HERE, to="open")).status_code == 403
    async with world.browser(Role.administrator, "ayse") as browser:
        for to in ("left", "open", "open", "closed", "left"):
            await browser.submit(HERE, to=to)
        assert (await browser.submit(HERE, to="ajar")).status_code == 422
    async with world.office.db.reading() as session:
        entries = await audit.entries(session, subject=PHONE_PAGE)
    assert [(entry.who, entry.what) for entry in reversed(entries)] == [
        ("ayse", "switch_on"),
        ("ayse", "switch_off"),
        ("ayse", "switch_left"),
    ]


async def test_over_fastagi_there_is_nothing_to_switch(world: ConsoleWorld) -> None:
    world.app.state.office = replace(world.office, phone_page=None)
    async with world.browser(Role.administrator) as browser:
        page = (await browser.open(HERE)).text
    assert "FastAGI" in page
    assert 'name="to"' not in page


async def test_without_the_database_it_stays_as_it_was_and_opens_for_nobody_new(tmp_path: Path) -> None:
    file = tmp_path / "alo185.db"
    db = Database(f"sqlite+aiosqlite:///{file}")
    await db.migrate()
    async with db.session() as session:
        await throw(session, Clock(), "ayse", PHONE_PAGE, False)
        await session.commit()
    known, opened = Switched(db, PHONE_PAGE, setting=True), Switched(db, "another", setting=True)
    assert (await known.on(), await opened.on()) == (False, True)
    await db.close()
    file.write_bytes(b"This is no database. " * 100)
    away = Database(f"sqlite+aiosqlite:///{file}")
    known._db = opened._db = away
    assert (await known.on(), await opened.on()) == (False, True)
    assert not await Switched(away, PHONE_PAGE, setting=True).on()
    await away.close()
