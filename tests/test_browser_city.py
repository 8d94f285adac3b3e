"""The public pages in a real browser: without scripts, on every screen, for everybody, and not for attackers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from notices.models import NoticeRequest
from storage.database import Database
from storage.types import use_key
from tests.browser import NARROW, Desk, heading_shows, nothing_foreign, served, usable, usable_on_a_telephone
from tests.browser_desk import in_one_loop, on_sqlite
from tests.city_world import CityWorld, city_world
from tests.hostile_words import ATTACK, poison
from tests.outage_world import HOUR, START, fault
from web import vendor

pytestmark = [in_one_loop, on_sqlite]

PAGES = [
    *("/", "/?q=yeni", "/?q=gebze+yeni", "/?q=atlantis", "/gebze", "/gebze/yeni-mahalle", "/gebze/baris", "/korfez"),
    *("/gebze/atlantis", "/kesinti/1", "/kesinti/3", "/kesinti/99", "/feeds"),
    *("/haber-ver", "/haber-ver?q=yeni", "/haber-ver?yer=gebze/yeni-mahalle", "/haber-ver/iptal?t=x"),
]
EVERY = [*PAGES, *(f"/en{path}" for path in PAGES)]


@dataclass
class Street:
    desk: Desk
    world: CityWorld


@pytest_asyncio.fixture(loop_scope="session")
async def street(chromium: Browser, db: Database) -> AsyncIterator[Street]:
    """A city in which something of everything happens."""
    vendor.build()
    use_key("a key of the tests")
    async with city_world(db) as world:
        p = world.places
        facts = replace(fault(p.yeni), tanker_points="Cumhuriyet Meydanı", crew="on_site", subscribers=1200)
        await world.record(replace(facts, announcement_tr="Hastaneye tanker gidiyor.", areas={p.yeni: "İnönü Caddesi"}))
        await world.record(fault(p.baris, expected_end=START + timedelta(minutes=1)))
        await world.record(replace(fault(p.yeni, starts=START + 20 * HOUR, expected_end=None), kind="planned"))
        back = await world.record(fault(p.korfez, starts=START - 3 * HOUR), source="demo")
        await world.do("end", back.id)
        await world.do("announce", "Suyu kaynatmadan içmeyin.", START + HOUR, text_en="Boil water before drinking.")
        world.clock.forward(timedelta(minutes=5))
        await world.look()
        async with served(world.app) as url:
            yield Street(Desk(chromium, url), world)
    await db.close()  # its connections are of this loop


async def visible(page: Page, path: str) -> None:
    await page.goto(path)
    await heading_shows(page)


async def test_without_scripts_a_citizen_learns_why_the_water_is_off(street: Street) -> None:
    async with street.desk.person(java_script_enabled=False, size=NARROW) as page:
        await page.goto("/")
        await page.get_by_label("Mahalleniz veya ilçeniz").fill("gebze yeni")
        await page.get_by_role("button", name="Göster").click()
        await expect(page.get_by_text("Su kesintisi var: şebeke arızası")).to_be_visible()
        await page.get_by_role("link", name="Gebze, Yeni Mahalle").click()
        await expect(page).to_have_url(f"{street.desk.url}/gebze/yeni-mahalle")
        await expect(page.get_by_text("Cumhuriyet Meydanı")).to_be_visible()
        await page.get_by_role("link", name="English").click()
        await expect(page).to_have_url(f"{street.desk.url}/en/gebze/yeni-mahalle")
        await expect(page.get_by_text("Boil water before drinking.")).to_be_visible()
        await expect(page.get_by_role("link", name="Call 185")).to_have_attribute("href", "tel:185")
        assert await page.context.cookies() == []


async def test_without_scripts_a_citizen_asks_to_be_told(street: Street) -> None:
    async with street.desk.person(java_script_enabled=False, size=NARROW) as page:
        await page.goto("/gebze/yeni-mahalle")
        await page.get_by_role("link", name="Planlı kesintileri haber verin").click()
        await expect(page.get_by_text("Gebze, Yeni Mahalle")).to_be_visible()
        street.world.clock.forward(timedelta(seconds=5))
        await page.get_by_label("Telefon numaranız").fill("0262 234 56 78")
        await page.get_by_label("Kabul ediyorum").check()
        await page.get_by_role("button", name="Haber ver").click()
        await expect(page.get_by_text("Sabit telefona SMS gitmez")).to_be_visible()
        street.world.clock.forward(timedelta(seconds=5))
        await page.get_by_label("Arayarak").check()
        await page.get_by_label("Kabul ediyorum").check()
        await page.get_by_role("button", name="Haber ver").click()
        await expect(page.get_by_text("İsteğinizi aldık")).to_be_visible()
    async with street.world.db.reading() as session:
        kept = (await session.scalars(select(NoticeRequest))).one()
    assert (kept.number, kept.way, kept.state) == ("+902622345678", "call", "pending")


async def test_every_page_can_be_used_by_everybody(street: Street) -> None:
    async with street.desk.person() as page:
        for path in EVERY:
            await visible(page, path)
            await usable(page, stops=2)


async def test_every_page_fits_a_telephone(street: Street) -> None:
    async with street.desk.person(size=NARROW, has_touch=True) as page:
        for path in EVERY:
            await visible(page, path)
            await usable_on_a_telephone(page)


async def test_no_word_of_anybody_becomes_part_of_a_page(street: Street) -> None:
    """Past all checks, every word that is kept is an attack; and no policy of ours stops a script here."""
    assert await poison(street.world.db) > 10
    await street.world.look()
    paths = [*street.world.book.addresses.path_of.values()]
    async with street.desk.person(bypass_csp=True) as page:
        for path in [*PAGES, *(f"/{path}" for path in paths), *(f"/en/{path}" for path in paths)]:
            await visible(page, path)
            await nothing_foreign(page)
        await visible(page, "/kesinti/1")
        assert ATTACK in (await page.inner_text("body"))
