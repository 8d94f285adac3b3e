"""The console in a real browser over a real database, without telephones: `console_world` behind a real server."""

import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from people.roles import Duty, Role
from people.web import COOKIE
from storage.database import Database
from storage.types import use_key
from tests.browser import Desk, launched, served
from tests.console_world import ConsoleWorld, console_world
from tests.people_world import add_person, let_in
from web import vendor


@dataclass
class ConsoleDesk:
    desk: Desk
    world: ConsoleWorld

    @asynccontextmanager
    async def signed_in(
        self, role: Role, name: str | None = None, duties: Collection[Duty] | None = None, **options: Any
    ) -> AsyncIterator[Page]:
        """Somebody of that role, at the board's address but with no page open yet."""
        login = name or role.value
        office = self.world.office
        person = await add_person(office.db, login, role, self.world.clock, duties)
        async with self.desk.person({COOKIE: await let_in(office.signin, office.db, person)}, **options) as page:
            yield page

    def stranger(self, **options: Any) -> AbstractAsyncContextManager[Page]:
        return self.desk.person(**options)


async def registers(tab: WebSocket) -> None:
    """The telephones' line of an exchange that knows everybody and never calls."""
    await tab.accept(subprotocol="sip")
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            said = await tab.receive_text()
            if said.startswith("REGISTER "):
                await tab.send_text(registered(said))


def registered(said: str) -> str:
    """What Asterisk answers to a telephone that it knows."""
    kept = ("Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:")
    headers = [line for line in said.split("\r\n") if line.startswith(kept)]
    return "\r\n".join(["SIP/2.0 200 OK", *headers, "Content-Length: 0", "", ""])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One for all tests of a process that share its loop: starting it took longer than many of them."""
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def at_desk(chromium: Browser, db: Database, tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    vendor.build()
    use_key("the key of protected columns in tests")
    async with console_world(db, tmp_path) as world:
        world.app.routes.append(world.office.pages.assets.route)
        world.app.routes.append(WebSocketRoute("/phone/ws", registers))
        async with served(world.app) as url:
            yield ConsoleDesk(Desk(chromium, url), world)
    await db.close()  # its connections are of this loop


in_one_loop = pytest.mark.asyncio(loop_scope="session")
"""For tests that share the process's Chromium, which answers in the loop in which it was started."""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what pages look like, which no database changes."""
