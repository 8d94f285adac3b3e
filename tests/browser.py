"""A real browser for tests: Chromium, driven through pages that a real server serves on loopback.

Whatever a test does, nothing may be asked of another host, no page may report an error and no dialog may open.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from ivr.cli.house import BROWSERS
from tests.hostile_words import FOREIGN
from tests.ports import free_ports
from web.vendor import VENDOR

QUIET = [
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--autoplay-policy=no-user-gesture-required"),
    *("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--js-flags=--no-maglev,--no-turbofan",
]
"""No sandbox, as in every container; no talk with the browser's makers; a microphone that beeps.

Pages live too briefly for their scripts to be optimised: that took a third of axe-core's time.
"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of them that ask for colours, which are others in a dark scheme. All else is the same there."""
WIDE, NARROW = (1280, 900), (360, 740)
PATIENCE = 30_000.0
"""Milliseconds that a page may take on a busy machine; a page that is ready is not waited for."""

expect.set_options(timeout=PATIENCE)


@dataclass
class Desk:
    """A browser before the pages of one server."""

    chromium: Browser
    url: str
    faults: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def person(
        self, cookies: dict[str, str] | None = None, size: tuple[int, int] = WIDE, **options: Any
    ) -> AsyncIterator[Page]:
        """A browser window of somebody's own, with these cookies. Ends the test if the page did what none may."""
        width, height = size
        options = {"locale": "tr-TR", "viewport": {"width": width, "height": height}, **options}
        context = await self.chromium.new_context(base_url=self.url, **options)
        context.set_default_timeout(PATIENCE)
        self._watch(context)
        await context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in (cookies or {}).items()])
        try:
            yield await context.new_page()
            assert not self.faults, "\n".join(self.faults)
        finally:
            await context.close()

    def _watch(self, context: BrowserContext) -> None:
        def said(message: ConsoleMessage) -> None:
            # a refused form is a page of its own, and not a mistake of the page before
            if message.type == "error" and "the server responded with a status of 4" not in message.text:
                self.faults.append(f"{message.text} ({message.location})")

        def asked(url: str) -> None:
            if urlsplit(url).scheme not in ("data", "blob") and not url.startswith(f"{self.url}/"):
                self.faults.append(f"another host was asked: {url}")

        async def opened(dialog: Any) -> None:
            self.faults.append(f"a dialog opened: {dialog.message}")
            await dialog.dismiss()

        context.on("console", said)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", lambda request: asked(request.url))
        context.on("dialog", opened)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium here: install the package chromium, or run ./alo185 test, which does")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield chromium
        finally:
            await chromium.close()


@asynccontextmanager
async def desk_at(url: str) -> AsyncIterator[Desk]:
    """With a browser of its own."""
    async with launched() as chromium:
        yield Desk(chromium, url)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server; its address."""
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off", access_log=False))
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        await running


FIND = """async rules => {
    if (!window.readAxe) return null;
    if (!window.axe) readAxe();
    const {violations} = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
    return violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.html.slice(0, 120)} — ${node.failureSummary.replaceAll('\\n', ' ')}`)); }"""
"""Only what is told comes back: all that axe-core has to say of a page took longer to bring than to find."""


async def axe(page: Page, rules: Sequence[str] = WCAG) -> None:
    """Fails with what axe-core finds against WCAG 2.2 A and AA, or against some rules of them, and where."""
    found = await page.evaluate(FIND, rules)
    if found is None:
        await _bring_axe(page)
        found = await page.evaluate(FIND, rules)
    assert not found, f"{page.url}\n" + "\n".join(found)


async def _bring_axe(page: Page) -> None:
    """Once, for this page and those that follow it in its window; each reads it when it is first asked for.

    Evaluated, not put into the page as a script: the pages' own policy forbids that, as it should.
    """
    script = f"window.readAxe = () => {{ {(VENDOR / 'axe.js').read_text()} }};"
    await page.add_init_script(script)
    await page.evaluate(f"{script} 0")


async def axe_in_both_schemes(page: Page) -> None:
    await axe(page)
    await page.emulate_media(color_scheme="dark")
    await axe(page, COLOURS)
    await page.emulate_media(color_scheme="light")


async def heading_shows(page: Page) -> None:
    """A locator would do, if it did not bring all of Playwright's own script into each page."""
    shown = await page.evaluate("() => document.querySelector('h1')?.checkVisibility()")
    assert shown, f"{page.url}: no heading to be seen"


async def nothing_foreign(page: Page) -> None:
    """Fails where an attack has become part of the page."""
    assert not await page.evaluate("foreign => document.querySelector(foreign)?.outerHTML", FOREIGN), page.url


async def usable(page: Page, stops: int) -> None:
    """For everybody: in both schemes, and by keyboard alone, which stops more often."""
    await axe_in_both_schemes(page)
    assert await focus_shows(page) > stops, page.url


async def usable_on_a_telephone(page: Page) -> None:
    await fits(page)
    await axe(page)


async def fits(page: Page) -> None:
    """Fails where a page is wider than its window, naming what sticks out."""
    overflow, wide = await page.evaluate(
        """() => { const {scrollWidth, clientWidth} = document.documentElement;
        return [scrollWidth - clientWidth, scrollWidth <= clientWidth ? [] :
        [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 90))]; }"""
    )
    assert overflow <= 0, f"{page.url} is {overflow} px too wide: {json.dumps(wide[:5], ensure_ascii=False)}"


WALK = """() => { const walk = window.walk = {stops: 0, unseen: [], left: false};
    // of a label or an entry of a list, the whole may show what its small control does not
    const around = e => [e, e.parentElement, e.parentElement?.parentElement].filter(Boolean);
    const shows = s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 1) || s.boxShadow !== 'none';
    // the browser's own controls of sounds and dates show it inside themselves
    const shown = e => e.matches('audio, input[type=date], input[type=datetime-local]')
        || around(e).some(one => shows(getComputedStyle(one)));
    addEventListener('keyup', () => {
        const e = document.activeElement;
        walk.left ||= !e || e === document.body;
        if (walk.left) return;
        walk.stops += 1;
        const what = e.outerHTML.slice(0, 120);
        if (!shown(e)) walk.unseen.push(`no focus to be seen on ${what}`);
        if (e.getBoundingClientRect().width <= 1) walk.unseen.push(`neither focus nor what has it is seen: ${what}`);
    }, true); }"""
"""The page itself looks at each stop: asking it after each took as long again."""
AT_ONCE = 10
"""Presses of Tab before the page is asked."""


async def focus_shows(page: Page, at_most: int = 60) -> int:
    """Walks the page by Tab; fails where the focus cannot be seen. How many places it stopped at."""
    await page.evaluate(WALK)
    for _ in range(0, at_most, AT_ONCE):
        for _ in range(AT_ONCE):
            await page.keyboard.press("Tab")
        walk = await page.evaluate("() => window.walk")
        assert not walk["unseen"], f"{page.url}: {walk['unseen'][0]}"
        if walk["left"]:
            break
    return int(walk["stops"])
