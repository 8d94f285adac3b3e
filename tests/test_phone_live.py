"""A real browser's phone over the service's WebSocket to the real Asterisk."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.phones.account import Account
from tests.asterisk_stand import live_settings, put_sound
from tests.phone_stand import PhoneStand, becomes, connect, hears, phone_stand

pytestmark = pytest.mark.live

LASTS = timedelta(minutes=5)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[PhoneStand]:
    """Callers hear the fallback, since no calls are taken."""
    settings = live_settings(tmp_path, driver="ari")
    put_sound(settings.fallback / "outages", 11, 20)
    async with phone_stand(settings) as open_stand:
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
