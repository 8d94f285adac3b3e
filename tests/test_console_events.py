"""Open pages are told when callers hear something else than what they show."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from outages.service import OutageService
from people.roles import Role
from people.web import COOKIE
from storage.database import Database
from tests.browser import served
from tests.console_world import ConsoleWorld, console_world
from tests.outage_world import fault
from tests.people_world import add_person, signed_in


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def browser(world: ConsoleWorld) -> AsyncIterator[httpx.AsyncClient]:
    await add_person(world.office.db, "ayse", Role.viewer, world.clock)
    cookies = {COOKIE: await signed_in(world.office.signin, "ayse")}
    async with served(world.app) as url, httpx.AsyncClient(base_url=url, cookies=cookies, trust_env=False) as client:
        yield client


async def change(world: ConsoleWorld) -> int:
    async with world.office.db.session() as session:
        await OutageService(session, world.clock, "tests").create(fault(world.places.yeni))
        await session.commit()
    return (await world.heard()).version


async def told(browser: httpx.AsyncClient, **headers: str) -> str:
    """The first thing that a page made of board 0 is told."""
    path = "/console/events?seen=0"
    async with asyncio.timeout(30), browser.stream("GET", path, headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith(("event", "data")):
                return line
    raise AssertionError("nothing was told")


async def test_a_change_between_a_page_and_its_listening_is_told_at_once(
    world: ConsoleWorld, browser: httpx.AsyncClient
) -> None:
    page = await browser.get("/console/me")
    assert f"/console/events?seen={world.office.keeper.board.version}" in page.text
    await change(world)
    assert await told(browser) == "event: board"


async def test_a_page_that_has_seen_the_present_board_is_told_of_the_next(
    world: ConsoleWorld, browser: httpx.AsyncClient
) -> None:
    present = await change(world)
    waiting = asyncio.create_task(told(browser, **{"Last-Event-ID": str(present)}))
    await asyncio.wait({waiting}, timeout=0.5)
    assert not waiting.done()
    await change(world)
    assert await waiting == "event: board"
