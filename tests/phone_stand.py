"""Phones in a real browser against the real Asterisk, with nothing of the service but their WebSocket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from playwright.async_api import Browser, Page

from ivr import dialplan
from ivr.asterisk.supervisor import AsteriskServer
from ivr.phones.account import Account
from ivr.phones.reports import AgentCall, agents_router
from ivr.phones.switchboard import SOCKET_PATH, BrowserPhones
from ivr.settings import Settings
from tests.asterisk_stand import asterisk
from tests.browser import Desk
from web import vendor
from web.assets import Assets
from web.headers import PAGE

SCRIPTS = ("vendor/jssip.js", "phone/wire.js", "phone/sound.js", "phone/call.js", "phone/softphone.js")
HEARD_WITHIN = 30.0


@dataclass
class Told:
    """Keeps what the dialplan tells of agents' phones."""

    calls: list[tuple[str, AgentCall]] = field(default_factory=list)

    async def rings(self, call: AgentCall) -> None:
        self.calls.append(("rings", call))

    async def answered(self, call: AgentCall) -> None:
        self.calls.append(("answered", call))

    async def ended(self, call: AgentCall) -> None:
        self.calls.append(("ended", call))

    async def lost(self, caller: str) -> bool:
        return True

    async def event(self, wanted: str, leg: str | None = None, *, at: str | None = None) -> AgentCall:
        """The newest of that kind, waited for; of that leg and at that phone where they are named."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARD_WITHIN):
                while True:
                    for event, call in reversed(self.calls):
                        if event == wanted and leg in (None, call.leg) and at in (None, call.endpoint):
                            return call
                    await asyncio.sleep(0.05)
        raise AssertionError(f"nobody told of {wanted}, only of {self.calls}")


@dataclass
class PhoneStand:
    phones: BrowserPhones
    desk: Desk
    asterisk: AsteriskServer
    settings: Settings
    told: Told

    @contextlib.asynccontextmanager
    async def tab(self) -> AsyncIterator[Page]:
        """An open page with a phone in it, as `phone`."""
        async with self.desk.person(permissions=["microphone"]) as page:
            await page.goto("/blank")
            await page.evaluate("window.phone = new Softphone()")
            await page.evaluate("phone.openMicrophone().then(() => true)")
            yield page


@contextlib.asynccontextmanager
async def phone_stand(settings: Settings, chromium: Browser) -> AsyncIterator[PhoneStand]:
    vendor.build()
    phones = BrowserPhones(settings, lambda: datetime.now(UTC))
    assets = Assets()
    app = FastAPI()
    app.include_router(phones.router())
    told = Told()
    secret = settings.secret(dialplan.QUEUE_REPORTER)
    app.include_router(agents_router(told, phones.accounts.ended_by_agent, secret))
    app.routes.append(assets.route)
    scripts = "".join(f'<script src="{assets.url(name)}"></script>' for name in SCRIPTS)
    policy = {**PAGE, "Permissions-Policy": "microphone=(self)"}
    blank = f'<!doctype html><link rel="icon" href="{assets.url("mark.svg")}">{scripts}'
    app.add_api_route("/blank", lambda: Response(blank, media_type="text/html", headers=policy))
    app.add_api_route(dialplan.HEALTH_PATH, lambda: Response(status_code=503))
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        async with asterisk(settings) as running:
            desk = Desk(chromium, f"http://127.0.0.1:{settings.port}")
            yield PhoneStand(phones, desk, running, settings, told)
    finally:
        server.should_exit = True
        await serving
        await phones.stop()


def told(account: Account, *, register: bool = False) -> dict[str, Any]:
    """An account as a page gets it."""
    return {
        "user": account.name,
        "password": account.password,
        "ticket": account.ticket,
        "path": SOCKET_PATH,
        "register": register,
    }


async def connect(page: Page, account: Account, *, register: bool = False) -> None:
    await page.evaluate("account => phone.connect(account).then(() => true)", told(account, register=register))


async def becomes(page: Page, expression: str, holds: Callable[[Any], bool] = bool) -> Any:
    """The value of an expression once it holds; the browser is asked, since media tells nobody."""
    value = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(HEARD_WITHIN):
            while not holds(value := await page.evaluate(expression)):  # noqa: ASYNC110  # media tells nobody
                await asyncio.sleep(0.1)
    assert holds(value), f"{expression} is {value}"
    return value


async def hears(page: Page, call: str = "phone.calls[0]") -> None:
    """Sound arrives: not merely bytes, which a browser without a microphone gets too."""
    before = await page.evaluate(f"{call}.received()")
    await becomes(
        page,
        f"{call}.received()",
        # of what was on its way, the last may sound a moment after its bytes were counted
        lambda got: got["energy"] > before["energy"] + 1e-4 and got["bytes"] > before["bytes"],
    )
