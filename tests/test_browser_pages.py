"""Every page of the console in a real browser: usable by everybody, on every screen, and not by attackers."""

from collections.abc import AsyncIterator, Iterable

from playwright.async_api import Page

from people.roles import Role
from tests.browser import NARROW, axe_in_both_schemes, heading_shows, nothing_foreign, usable, usable_on_a_telephone
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite
from tests.filled_desk import fill, pages
from tests.hostile_words import ATTACK, poison

pytestmark = [in_one_loop, on_sqlite]


async def opened(page: Page, paths: Iterable[str]) -> AsyncIterator[str]:
    """Each page once it is there."""
    for path in paths:
        answer = await page.goto(path)
        assert answer
        assert answer.status == 200, f"{path}: {answer.status}"
        await heading_shows(page)
        yield path


async def test_every_page_can_be_used_by_everybody(at_desk: ConsoleDesk) -> None:
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator) as page:
        async for _ in opened(page, paths):
            await usable(page, stops=3)
    async with at_desk.stranger() as page:
        async for _ in opened(page, ["/console/sign-in"]):
            await axe_in_both_schemes(page)


async def test_every_page_fits_a_telephone(at_desk: ConsoleDesk) -> None:
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator, size=NARROW, has_touch=True) as page:
        async for _ in opened(page, paths):
            await usable_on_a_telephone(page)


async def test_no_word_of_anybody_becomes_part_of_a_page(at_desk: ConsoleDesk) -> None:
    """Past all checks, every word that is kept is an attack; and no policy of ours stops a script here."""
    paths = pages(at_desk.world, await fill(at_desk.world, words=ATTACK[:80]))
    async with at_desk.signed_in(Role.administrator, bypass_csp=True) as page:
        assert await poison(at_desk.world.office.db) > 10
        await at_desk.world.heard()
        shown = 0
        async for _ in opened(page, paths):
            await nothing_foreign(page)
            shown += ATTACK[:40] in await page.evaluate("document.body.innerText")
        assert shown > len(paths) / 2
