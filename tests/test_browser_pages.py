"""Every page of the console in a real browser: usable by everybody, on every screen, and not by attackers."""

import re
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from playwright.async_api import Page, expect

from outages.service import OutageService
from outages.templates import TemplateService, copy_of
from people.roles import Role
from tests.browser import NARROW, axe, fits, focus_shows
from tests.browser_desk import ConsoleDesk, on_sqlite
from tests.hostile_words import ATTACK, FOREIGN, poison
from tests.outage_world import HOUR, fault

pytestmark = on_sqlite

NO_PAGES = {"/console/sign-in", "/console/alerts", "/console/board", "/console/events", "/console/map.geojson"}
"""For strangers, and what pages fetch for themselves."""


def addresses(at_desk: ConsoleDesk, numbers: dict[str, int]) -> list[str]:
    """Of all pages; one that asks for what `numbers` does not hold fails the test."""
    routes = [c for c in iter_route_contexts(at_desk.world.app.routes) if str(c.path).startswith("/console")]
    found = {c.path for c in routes if "GET" in (c.methods or ())} - NO_PAGES
    assert len(found) > 1
    return sorted(re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: str(numbers[part[1]]), path) for path in found)


@pytest.fixture
async def filled(at_desk: ConsoleDesk) -> tuple[ConsoleDesk, list[str]]:
    """A desk with something of everything, and the addresses of all its pages."""
    world = at_desk.world
    async with world.office.db.session() as session:
        service = OutageService(session, world.clock, "ayşe")
        for number, more in enumerate(({}, {"expected_end": None}, {"starts": world.clock() + 5 * HOUR})):
            outage = await service.create(fault(world.places.yeni, world.places.korfez, **more))
            await service.change(outage.id, crew="on_the_way", subscribers=120 + number, reason="Ekip yola çıktı")
        late = await service.create(fault(world.places.baris, expected_end=world.clock() + timedelta(minutes=1)))
        await service.create(fault(world.places.baris), draft=True)
        await service.announce("Şebeke basıncı düşük.", world.clock() + HOUR, text_en="Pressure is low.")
        await service.mass_call(on=True, until=world.clock() + HOUR)
        template = await TemplateService(session, world.clock, "ayşe").save("Pompa arızası", copy_of(late))
        await session.commit()
        numbers = {"outage_id": late.id, "number": late.id, "template_id": template.id, "broadcast_id": 1}
    world.clock.forward(timedelta(minutes=5))
    await world.heard()
    return at_desk, addresses(at_desk, numbers)


async def opened(page: Page, paths: Iterable[str]) -> AsyncIterator[str]:
    """Each page once it is there."""
    for path in paths:
        answer = await page.goto(path)
        if answer and "text/html" in (answer.headers.get("content-type") or ""):
            assert answer.status == 200, f"{path}: {answer.status}"
            await expect(page.locator("h1").first).to_be_visible()
            yield path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_used_by_everybody(filled: tuple[ConsoleDesk, list[str]], scheme: str) -> None:
    at_desk, paths = filled
    async with at_desk.signed_in(Role.administrator, color_scheme=scheme) as page:
        async for _ in opened(page, paths):
            await axe(page)
            assert await focus_shows(page) > 3
    async with at_desk.stranger(color_scheme=scheme) as page:
        async for _ in opened(page, ["/console/sign-in"]):
            await axe(page)


async def test_every_page_fits_a_telephone(filled: tuple[ConsoleDesk, list[str]]) -> None:
    at_desk, paths = filled
    async with at_desk.signed_in(Role.administrator, size=NARROW, has_touch=True) as page:
        async for _ in opened(page, paths):
            await fits(page)
            await axe(page)


async def test_no_word_of_anybody_becomes_part_of_a_page(filled: tuple[ConsoleDesk, list[str]]) -> None:
    """Past all checks, every word that is kept is an attack; and no policy of ours stops a script here."""
    at_desk, paths = filled
    async with at_desk.signed_in(Role.administrator, bypass_csp=True) as page:
        assert await poison(at_desk.world.office.db) > 10
        await at_desk.world.heard()
        shown = 0
        async for path in opened(page, paths):
            assert not await page.locator(FOREIGN).count(), path
            shown += ATTACK in (await page.content()).replace("&quot;", '"') or ATTACK in await page.inner_text("body")
        assert shown > len(paths) / 2
