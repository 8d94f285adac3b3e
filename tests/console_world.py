"""The console over a real database, without telephones: pages are asked for as a browser asks."""

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from agents.keeping import Keeping
from calls.demand import Rule
from calls.journal import Journal
from calls.records import CallRecords
from citizens.erasure import Eraser
from citizens.parts import CitizenParts
from citizens.whose import Secrets
from console.office import Office
from ivr.live import LiveWall
from outages.board import Board
from outages.keeper import BoardKeeper
from people.roles import Duty, Role
from people.signin import SignIn
from people.web import COOKIE
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from storage.database import Database
from storage.types import use_key
from subscribers.directory import Directory
from tests.agents_world import SECRET, FakeExchange, agent_desk
from tests.outage_world import Clock, Places, add_places
from tests.people_world import add_person, let_in
from tests.shared_pages import catalogue, console_app, console_pages
from tickets.files import Files
from tickets.parts import TicketParts
from tickets.privacy import Forgetting
from tickets.telling import Teller

ADDRESS = "http://alo185.test"


@dataclass
class ConsoleWorld:
    app: FastAPI
    office: Office
    keeper: BoardKeeper
    clock: Clock
    places: Places
    running: list[Journal]
    """Calls in the line; put journals in."""
    exchange: "FakeExchange"

    @asynccontextmanager
    async def browser(
        self, role: Role | None = None, name: str | None = None, duties: Collection[Duty] | None = None
    ) -> AsyncIterator["Browser"]:
        """A browser; signed in as somebody of that role and with these duties."""
        transport = httpx.ASGITransport(self.app)
        async with Browser(transport=transport, base_url=ADDRESS, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
            if role:
                login = name or role.value
                person = await add_person(self.office.db, login, role, self.clock, duties)
                browser.cookies.set(COOKIE, await let_in(self.office.signin, self.office.db, person))
            yield browser

    async def heard(self) -> Board:
        """What callers hear once everything that is committed has reached them."""
        await self.keeper.look()
        return self.keeper.board


@dataclass
class WallDesk:
    """What the live wall asks of the hotline."""

    keeper: BoardKeeper
    now: Clock

    @property
    def board(self) -> Board:
        return self.keeper.board

    def mass_call(self) -> bool:
        return self.board.mass_call_at(self.now())


class Browser(httpx.AsyncClient):
    """Sends forms as a page would: with the token that the last page brought."""

    csrf = ""

    async def open(self, path: str, **query: str) -> httpx.Response:
        answer = await self.get(path, params=query or None)
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer

    async def submit(self, path: str, **fields: str | list[str]) -> httpx.Response:
        if not self.csrf:
            await self.open("/console/me")
        return await self.post(path, data={"csrf": self.csrf, **fields})


@asynccontextmanager
async def console_world(db: Database, folder: Path, *, review_planned: bool = False) -> AsyncIterator[ConsoleWorld]:
    clock = Clock()
    places = await add_places(db)

    async def unspoken(board: Board) -> None:
        """Pages are not to wait for speech."""

    keeper = BoardKeeper(db, now=clock, prepare=unspoken, copy=folder / "board.json")
    await keeper.refresh()
    library = PromptLibrary(folder / "prompts", engine_for("espeak"))
    running: list[Journal] = []
    desk = WallDesk(keeper, clock)
    live = LiveWall(db, desk, lambda: running, rule=Rule(), zone="Europe/Istanbul", secret=SECRET)
    use_key("a key of the tests")
    tickets = TicketParts(Teller(clock, ZoneInfo("Europe/Istanbul"), mail=True), Files(folder / "tickets"), SECRET)
    signin = SignIn(db, clock)
    secrets = Secrets(SECRET, "another secret of the tests")
    forgetting = Forgetting(db, clock, tickets.files.voices)
    eraser = Eraser(db, clock, secrets, CallRecords(db, clock, secret=SECRET), forgetting, Keeping(db, clock, folder))
    exchange = FakeExchange()
    desk = agent_desk(db, clock, exchange, lambda: running)
    office = Office(
        db,
        keeper,
        catalogue(),
        library,
        console_pages(),
        signin,
        clock,
        tickets,
        live=live,
        review_planned=review_planned,
        desk=desk,
        citizens=CitizenParts(Directory(db, clock, SECRET), secrets, eraser, folder / "tickets"),
    )
    app = console_app()
    app.state.office, app.state.signin, app.state.public_url = office, office.signin, None
    yield ConsoleWorld(app, office, keeper, clock, places, running, exchange)
    await desk.stop()
    await live.stop()
    await library.close()
