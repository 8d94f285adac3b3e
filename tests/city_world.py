"""The public site over a real database, asked as browsers and other programs ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from city.addresses import AddressBook
from city.borders import BorderBook
from city.crowd import Crowd
from city.notice_form import NoticeForm
from city.opening import FOLDER, open_city
from city.paths import City
from city.site import PublicSite
from outages.board import Board
from outages.models import Outage
from outages.service import OutageService, Source
from outages.snapshot import load_board
from storage.database import Database
from tests.outage_world import Clock, Places, add_places
from tests.shared_pages import catalogue, pages_of

ADDRESS = "https://su.example"
SECRET = "a secret of the tests"
CATALOGUE = catalogue()


class StandingKeeper:
    """Shows the board that it was given last."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self.board, self.clock = board, clock

    @property
    def age(self) -> timedelta:
        return self.clock() - self.board.made


class Seconds:
    """A monotonic clock that is turned by hand."""

    passed = 0.0

    def __call__(self) -> float:
        return self.passed


@dataclass
class CityWorld:
    app: FastAPI
    db: Database
    clock: Clock
    places: Places
    keeper: StandingKeeper
    book: AddressBook
    borders: BorderBook
    city: City
    web: httpx.AsyncClient
    crowd_clock: Seconds

    async def look(self) -> Board:
        """What the city sees once everything that is committed has reached the board."""
        async with self.db.reading() as session:
            board = await load_board(session, self.clock())
        await self.book.prepare(board)
        await self.borders.prepare(board)
        self.keeper.board = board
        return board

    async def do(self, what: str, *given: Any, **more: Any) -> Outage:
        """One operator's deed, and the look that follows it."""
        async with self.db.session() as session:
            outage: Outage = await getattr(OutageService(session, self.clock, "ayse", strict_texts=False), what)(
                *given, **more
            )
            await session.commit()
        await self.look()
        return outage

    async def record(self, facts: Any, *, source: Source = "operator", draft: bool = False) -> Outage:
        return await self.do("create", facts, source=source, draft=draft)

    async def text(self, path: str, status: int = 200) -> str:
        answer = await self.web.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        return answer.text


@asynccontextmanager
async def city_world(db: Database) -> AsyncIterator[CityWorld]:
    clock, places = Clock(), await add_places(db)
    async with db.reading() as session:
        board = await load_board(session, clock())
    keeper, book, borders = StandingKeeper(board, clock), AddressBook(db), BorderBook(db)
    await book.prepare(board)
    await borders.prepare(board)
    crowd_clock = Seconds()
    crowd = Crowd(clock=crowd_clock)
    pages = pages_of(FOLDER)
    city = open_city(db, keeper, book, clock, pages=pages, catalogue=CATALOGUE, base_url=ADDRESS, shapes=borders)
    app = FastAPI()
    app.include_router(NoticeForm(db, lambda: keeper.board, book, clock, pages, SECRET, crowd).router())
    app.routes.append(pages.assets.route)
    app.add_middleware(PublicSite, city=city)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as web:
        yield CityWorld(app, db, clock, places, keeper, book, borders, city, web, crowd_clock)
