"""Every page of the console in a real browser: usable by everybody, on every screen, and not by attackers."""

from collections.abc import AsyncIterator, Iterable

from playwright.async_api import Page, expect

from people.roles import Role
from tests.browser import NARROW, axe, axe_in_both_schemes, fits, focus_shows
from tests.browser_desk import ConsoleDesk, on_sqlite
from tests.filled_desk import fill, pages
from tests.hostile_words import ATTACK, FOREIGN, poison

pytestmark = on_sqlite


async def opened(page: Page, paths: Iterable[str]) -> AsyncIterator[str]:
    """Each page once it is there."""
    for path in paths:
        answer = await page.goto(path)
        assert answer
        assert answer.status == 200, f"{path}: {answer.status}"
        await expect(page.locator("h1").first).to_be_visible()
        yield path


async def test_every_page_can_be_used_by_everybody(at_desk: ConsoleDesk) -> None:
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator) as page:
        async for _ in opened(page, paths):
            await axe_in_both_schemes(page)
    async with at_desk.stranger() as page:
        async for _ in opened(page, ["/console/sign-in"]):
            await axe_in_both_schemes(page)


async def test_whoever_goes_by_keyboard_sees_where_they_are(at_desk: ConsoleDesk) -> None:
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator) as page:
        async for path in opened(page, paths):
            assert await focus_shows(page) > 3, path


async def test_every_page_fits_a_telephone(at_desk: ConsoleDesk) -> None:
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator, size=NARROW, has_touch=True) as page:
        async for _ in opened(page, paths):
            await fits(page)
            await axe(page)


async def test_no_word_of_anybody_becomes_part_of_a_page(at_desk: ConsoleDesk) -> None:
    """Past all checks, every word that is kept is an attack; and no policy of ours stops a script here."""
    paths = pages(at_desk.world, await fill(at_desk.world, words=ATTACK[:80]))
    async with at_desk.signed_in(Role.administrator, bypass_csp=True) as page:
        assert await poison(at_desk.world.office.db) > 10
        await at_desk.world.heard()
        shown = 0
        async for path in opened(page, paths):
            assert not await page.locator(FOREIGN).count(), path
            shown += ATTACK[:40] in await page.inner_text("body")
        assert shown > len(paths) / 2
