"""What the checks of pages are for: they find what is wrong."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import NARROW, axe_in_both_schemes, fits, focus_shows, heading_shows, nothing_foreign, usable
from tests.browser_desk import in_one_loop
from tests.hostile_words import ATTACK
from web import vendor

pytestmark = in_one_loop
HEADING = "<h1>Su kesik</h1>"
LINKS = f"{HEADING}<p><a href='/a'>bir</a> <a href='/b'>iki</a></p>"
GOOD = """main { color: #222; background: #fff; } a { color: #00c; padding: 1em; display: inline-block; }
a:focus { outline: 2px solid; }"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    vendor.build()
    page = await chromium.new_page()
    yield page
    await page.close()


async def show(page: Page, inside: str, style: str = GOOD) -> None:
    await page.set_content(
        f"<!doctype html><html lang='tr'><title>Su</title><meta name='viewport' content='width=device-width'>"
        f"<style>:root {{ color-scheme: light dark; }} {style}</style><main>{inside}</main></html>"
    )


async def test_a_page_in_which_nothing_is_wrong_passes(page: Page) -> None:
    await show(page, LINKS)
    await heading_shows(page)
    await nothing_foreign(page)
    await usable(page, stops=1)


async def test_a_colour_that_only_the_dark_scheme_makes_unreadable_is_found(page: Page) -> None:
    await show(page, HEADING, GOOD + "@media (prefers-color-scheme: dark) { main { color: #eee; background: #111; } }")
    await axe_in_both_schemes(page)
    await show(page, HEADING, GOOD + "@media (prefers-color-scheme: dark) { main { color: #333; background: #111; } }")
    with pytest.raises(AssertionError, match="color-contrast"):
        await axe_in_both_schemes(page)


async def test_what_is_too_wide_for_a_telephone_is_found(page: Page) -> None:
    await show(page, f"{HEADING}<p style='width: 600px'>uzun</p>")
    await fits(page)
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    with pytest.raises(AssertionError, match=r"too wide: .*uzun"):
        await fits(page)


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("a:focus { outline: none; }", "no focus to be seen"),
        ("a { width: 1px; overflow: hidden; padding: 0; }", "neither focus nor"),
    ],
)
async def test_a_focus_that_cannot_be_seen_is_found(page: Page, style: str, told: str) -> None:
    await show(page, LINKS, GOOD)
    assert await focus_shows(page) == 2
    await show(page, LINKS, GOOD + style)
    with pytest.raises(AssertionError, match=told):
        await focus_shows(page)


async def test_an_attack_that_became_part_of_the_page_is_found(page: Page) -> None:
    await show(page, HEADING + ATTACK)
    with pytest.raises(AssertionError):
        await nothing_foreign(page)


async def test_a_page_without_a_heading_to_be_seen_is_found(page: Page) -> None:
    await show(page, "<h1 hidden>Su</h1>")
    with pytest.raises(AssertionError, match="no heading"):
        await heading_shows(page)
