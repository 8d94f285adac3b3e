"""The console's navigation in a real browser: one line for everybody, and all of it by keyboard and without scripts."""

import pytest
from playwright.async_api import expect

from people.roles import Role
from tests.browser import NARROW, axe, fits
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite

pytestmark = [in_one_loop, on_sqlite]

MORE = "details.elsewhere > summary"


@pytest.mark.parametrize("language", ["tr", "en"])
async def test_it_stands_on_one_line_for_whoever_may_do_everything(at_desk: ConsoleDesk, language: str) -> None:
    async with at_desk.signed_in(Role.administrator) as page:
        await page.goto("/console")
        if language == "en":
            await page.get_by_role("button", name="English").click()
        tops = await page.locator(".top-inner > *").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().height)"
        )
        assert max(tops) < 60
        header = await page.locator(".top").bounding_box()
        assert header
        assert header["height"] < 70


@pytest.mark.parametrize("scripts", [True, False])
async def test_what_is_behind_more_is_reached_by_keyboard(at_desk: ConsoleDesk, scripts: bool) -> None:
    async with at_desk.signed_in(Role.administrator, java_script_enabled=scripts, size=NARROW) as page:
        await page.goto("/console/phone-pages")
        await page.locator(MORE).focus()
        await page.keyboard.press("Enter")
        here = page.locator(".others a[aria-current]")
        await expect(here).to_be_visible()
        await expect(here).to_have_attribute("href", "/console/phone-pages")
        if scripts:
            await fits(page)
            await axe(page)
            await page.keyboard.press("Escape")
            await expect(here).to_be_hidden()
            await expect(page.locator(MORE)).to_be_focused()
            await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{at_desk.desk.url}/console/emergencies")
