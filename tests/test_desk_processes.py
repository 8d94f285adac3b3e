"""Two processes serve one installation: an agent's page hears of its call whichever of them Asterisk reports to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from agents.desk import AgentDesk
from agents.hub import Listener, News
from agents.rules import Rang
from agents.wire import CHANNEL as WIRE
from calls.records import CallRecords
from people.roles import Duty, Role
from storage.database import Database
from tests.agents_world import CHANNEL, SECRET, FakeExchange, agent_desk, journal
from tests.console_world import Browser, ConsoleWorld, console_world

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

LEG = "1732500001.9"
WITHIN = 20.0
"""Seconds; it takes milliseconds, on a machine that has nothing else to do."""


@dataclass
class Two:
    """The process that the page is open in, and the one that Asterisk reports to."""

    pages: ConsoleWorld
    line: AgentDesk

    @property
    def desk(self) -> AgentDesk:
        assert self.pages.office.desk
        return self.pages.office.desk

    async def agent(self, browser: Browser) -> int:
        person = await self.pages.office.signin.who(browser.cookies["alo185_session"])
        assert person
        return person.id


@pytest.fixture
async def two(db: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    other = Database(database_url)
    async with console_world(db, tmp_path) as pages:
        line = agent_desk(other, pages.clock, FakeExchange())
        made = Two(pages, line)
        for desk in (line, made.desk):
            desk.start()
        await connected(made)
        yield made
        await line.stop()
    await other.close()


async def connected(two: Two) -> None:
    """Both hear each other."""
    for here, there in ((two.line, two.desk), (two.desk, two.line)):
        with there.hub.listening(0, floor=True) as listener:
            async with asyncio.timeout(WITHIN):
                while True:
                    here.wire.send(None, News("floor"))
                    if await listener.next(0.2):
                        break


@asynccontextmanager
async def at_work(two: Two) -> AsyncIterator[tuple[Browser, int, Listener]]:
    """An agent who is ready, with a page open that has heard so."""
    async with two.pages.browser(Role.operator, duties=[Duty.desk]) as browser:
        agent = await two.agent(browser)
        await browser.submit("/console/desk/state", state="ready")
        with two.desk.hub.listening(agent) as listener:
            yield browser, agent, listener


async def heard(listener: Listener, what: str) -> News:
    async with asyncio.timeout(WITHIN):
        while True:
            if (news := await listener.next(WITHIN)) and news.what == what:
                return news


async def test_a_call_reported_elsewhere_pops_up_on_the_page(two: Two) -> None:
    async with at_work(two) as (browser, agent, listener):
        handed_over = journal(two.pages.clock, two.pages.places.yeni)
        two.line.memory.keep(handed_over)
        await CallRecords(two.pages.office.db, two.pages.clock, secret=SECRET).save(handed_over)
        await two.line.rang(Rang(f"desk-{agent}", LEG, CHANNEL, "alo185-agents", 42.4))
        assert (await heard(listener, "rings")).about == CHANNEL
        page = await browser.open(f"/console/desk/call/{CHANNEL}")
        assert page.status_code == 200
        assert "Gebze / Yeni Mahalle" in page.text
        with two.desk.hub.listening(0, floor=True) as supervisor:
            await two.line.answered(LEG)
            assert await heard(listener, "state")
            assert await heard(supervisor, "floor")


async def test_an_agent_is_told_of_a_supervisor_who_works_in_another_process(two: Two) -> None:
    async with at_work(two) as (_, agent, listener):
        two.line.watched(agent, "listen")
        assert (await heard(listener, "watched")).about == "listen"


async def test_a_page_is_told_once_of_what_its_own_process_did(two: Two) -> None:
    """Or what the agent has begun to type about the caller would be written over."""
    async with at_work(two) as (_, agent, listener):
        await two.desk.rang(Rang(f"desk-{agent}", LEG, CHANNEL, "alo185-agents", 1.0))
        assert await heard(listener, "rings")
        with two.line.hub.listening(agent) as elsewhere:  # the notice has been everywhere once this has heard it
            two.desk.watched(agent, "listen")
            assert await heard(elsewhere, "watched")
        two.line.watched(agent, "whisper")
        told = []
        async with asyncio.timeout(WITHIN):
            while not told or told[-1] != News("watched", "whisper"):
                if news := await listener.next(WITHIN):
                    told.append(news)
        assert "rings" not in [news.what for news in told]


@pytest.mark.parametrize(
    "said", ["", "{", "[]", '{"from": 1}', json.dumps(dict.fromkeys(("from", "to", "what", "about")))]
)
async def test_news_that_nobody_understands_changes_nothing(two: Two, said: str) -> None:
    async with at_work(two) as (_, agent, listener):
        async with two.pages.office.db.session() as session:
            await session.execute(text("SELECT pg_notify(:channel, :said)"), {"channel": WIRE, "said": said})
            await session.commit()
        two.line.watched(agent, "listen")
        assert (await heard(listener, "watched")).about == "listen"
