"""A real browser's phone over the service's WebSocket to the real Asterisk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from ivr.phones.account import Account
from tests.asterisk_stand import live_settings, put_sound
from tests.browser_desk import in_one_loop
from tests.phone_stand import PhoneStand, becomes, connect, hears, phone_stand

pytestmark = [pytest.mark.live, in_one_loop]

LASTS = timedelta(minutes=5)


@pytest_asyncio.fixture(loop_scope="session")
async def stand(tmp_path: Path, chromium: Browser) -> AsyncIterator[PhoneStand]:
    """Callers hear the fallback, since no calls are taken."""
    settings = live_settings(tmp_path, driver="ari")
    put_sound(settings.fallback / "outages", 11, 20)
    async with phone_stand(settings, chromium) as open_stand:
        yield open_stand


def visitor(stand: PhoneStand, **more: object) -> Account:
    return stand.phones.accounts.create(None, "alo185-browser", LASTS, **more)  # type: ignore[arg-type]


async def test_a_visitor_calls_the_hotline_and_hears_it(stand: PhoneStand) -> None:
    async with stand.tab() as page:
        account = visitor(stand)
        await connect(page, account)
        await page.evaluate("phone.call('185').then(() => true)")
        await becomes(page, "phone.calls[0]?.state", lambda state: state == "talking")
        await hears(page)
        await page.evaluate("phone.calls[0].hangUp()")
        await becomes(page, "phone.calls.length", lambda count: count == 0)


async def test_a_visitor_may_dial_185_once_at_a_time_and_nothing_else(stand: PhoneStand) -> None:
    async with stand.tab() as page:
        await connect(page, visitor(stand))
        await page.evaluate("phone.call('900').then(call => { window.other = call; return true; })")
        await becomes(page, "other.cause", lambda cause: cause == "Not Found")
        await page.evaluate("phone.call('185').then(() => true)")
        await becomes(page, "phone.calls[0]?.state", lambda state: state == "talking")
        await page.evaluate("phone.call('185').then(call => { window.second = call; return true; })")
        await becomes(page, "second.cause", lambda cause: cause == "Busy")
        codec = "phone.calls[0].session.connection.getStats().then(all => [...all.values()].map(s => s.mimeType))"
        assert "audio/opus" in await page.evaluate(codec)


async def test_a_closed_tab_leaves_neither_call_nor_account(stand: PhoneStand) -> None:
    async with stand.tab() as page:
        account = visitor(stand)
        await connect(page, account)
        await page.evaluate("phone.call('185').then(() => true)")
        await becomes(page, "phone.calls[0]?.state", lambda state: state == "talking")
        assert await stand.phones.asterisk.channels(account.name)
    async with asyncio.timeout(30):
        while account.name in await stand.phones.asterisk.names():  # noqa: ASYNC110  # Asterisk tells nobody
            await asyncio.sleep(0.05)
    assert "0 active channels" in await stand.asterisk.ask("core show channels")


async def test_credentials_that_expire_end_the_call(stand: PhoneStand) -> None:
    async with stand.tab() as page:
        account = stand.phones.accounts.create(None, "alo185-browser", timedelta(seconds=4))
        await page.evaluate("phone.addEventListener('closed', event => (window.why = event.detail))")
        await connect(page, account)
        await page.evaluate("phone.call('185').then(() => true)")
        assert await becomes(page, "window.why") == "expired"
