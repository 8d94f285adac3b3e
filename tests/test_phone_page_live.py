"""`/phone` of a whole house in a real browser: dials 185, presses keys, hears the outage and reads every word of it."""

from collections.abc import Iterator
from functools import partial
from operator import lt
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from callflows.speech import full_name, here
from tests.browser import NARROW, Desk, axe, fits, focus_shows
from tests.browser_desk import in_one_loop
from tests.live_worlds import LETTERS, World, one_house
from tests.phone_stand import becomes

pytestmark = [pytest.mark.live, in_one_loop]

ENERGY = """async () => { let energy = 0; for (const one of window.connections)
    (await one.getStats()).forEach(s => { if (s.type === 'inbound-rtp') energy += s.totalAudioEnergy || 0; });
    return energy; }"""
WATCH = """window.connections = []; const Plain = RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(...given) { super(...given); window.connections.push(this); } };"""
PROMPT = 40_000.0
"""Milliseconds for what is said before."""


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with one_house(request, tmp_path_factory) as made:
        yield made


@pytest.fixture
def desk(world: World, chromium: Browser) -> Desk:
    return Desk(chromium, world.house.url)


async def dials(page: Page) -> None:
    await page.get_by_role("button", name="185'i ara").click()
    await expect(page.locator("#said")).to_have_text("Bağlandınız.", timeout=PROMPT)


async def said(page: Page) -> list[str]:
    return await page.locator("#captions li").all_text_contents()


async def until_said(page: Page, text: str) -> None:
    await expect(page.locator("#captions li", has_text=text).last).to_be_visible(timeout=PROMPT)


async def test_an_outage_is_found_by_keys_heard_and_read(world: World, desk: Desk) -> None:
    async with desk.person(permissions=["microphone"]) as page:
        await page.add_init_script(WATCH)
        await page.goto("/phone")
        await dials(page)
        await until_said(page, "Su kesintileri için bir")
        await page.keyboard.press("1")
        await until_said(page, "diğer ilçeler için beş.")
        other, letters, which = world.keys_to_district
        for entry in (other, letters, which, "5", world.area.keypad[:LETTERS]):
            before = len(await said(page))
            for key in entry:
                await page.locator(f'.key[data-key="{key}"]').click()
            await becomes(page, "document.querySelectorAll('#captions li').length", partial(lt, before))
        await until_said(page, "Doğruysa bir")
        for name in full_name(world.board, world.area):
            await until_said(page, name.text)
        await page.keyboard.press("1")
        place = here(world.board, world.area).text
        await until_said(page, place)
        cause = world.house.phrase("outage.off", cause=world.house.phrase("cause.pump_fault").text)
        await until_said(page, cause.text)
        assert await page.evaluate(ENERGY) > 1e-3
        path = await page.locator("#path li").all_text_contents()
        assert path[0] == "1 – Su kesintileri"
        assert path[1] == "5 – diğer ilçeler"
        assert path[2] == f"{letters} – İlçenizin adının ilk üç harfini tuşlayın."
        await page.get_by_role("button", name="Kapat", exact=True).click()
        await expect(page.locator("#said")).to_have_text("Görüşme bitti.")


async def test_english_is_written_after_nine(world: World, desk: Desk) -> None:
    async with desk.person(permissions=["microphone"]) as page:
        await page.goto("/phone")
        await dials(page)
        await until_said(page, "Su kesintileri için bir")
        await page.keyboard.press("9")
        await until_said(page, "For water outages press one")
        assert await page.locator("#captions li").last.get_attribute("lang") == "en"


async def test_a_page_reads_its_own_call_only(world: World, desk: Desk) -> None:
    async with desk.person(permissions=["microphone"]) as first, desk.person(permissions=["microphone"]) as second:
        for page in (first, second):
            await page.goto("/phone")
            await dials(page)
        await until_said(first, "Su kesintileri için bir")
        await first.keyboard.press("9")
        await until_said(first, "For water outages press one")
        assert not [line for line in await said(second) if "press one" in line]
        refused = await second.evaluate(
            "fetch('/phone/captions', {headers: {Authorization: 'Ticket x'}}).then(r => r.status)"
        )
        assert refused == 403


@pytest.mark.parametrize("size", [(1280, 900), NARROW])
async def test_the_page_is_for_everybody(desk: Desk, size: tuple[int, int]) -> None:
    async with desk.person(size=size) as page:
        for path in ("/phone", "/en/phone"):
            await page.goto(path)
            await axe(page)
            await fits(page)
            assert await focus_shows(page) > 4
            await page.get_by_label("Büyük yazı" if path == "/phone" else "Large text").check()
            await fits(page)


async def test_without_script_a_sentence_says_so(desk: Desk) -> None:
    options: dict[str, Any] = {"java_script_enabled": False}
    async with desk.person(**options) as page:
        await page.goto("/phone")
        await expect(page.get_by_text("Bu sayfa için JavaScript gerekir.")).to_be_visible()
