"""The whole house: a citizen goes through the menu by keys and asks for a person, who knows at once who calls."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from agents.models import Contact
from agents.setup import Setup
from agents.states import Outcome
from ivr.dialplan import QUEUES
from people.audit import use_secret
from people.roles import Duty, Role
from people.service import PeopleService
from people.signin import SignIn
from people.web import COOKIE
from storage.database import Database
from storage.types import use_key
from tests.browser import Desk, desk_at
from tests.live_house import answer_questions
from tests.live_worlds import LETTERS, World, one_house
from tests.people_world import add_person, signed_in
from tests.phone_stand import becomes
from tests.test_phone_page_live import ENERGY, WATCH
from tickets.models import Ticket

pytestmark = pytest.mark.live
PHONE = "window.alo185Phone"
PATIENCE = 60_000.0
"""Milliseconds for what is said before."""
TECHNICAL = QUEUES[2]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with one_house(request, tmp_path_factory) as made:
        yield made


@dataclass
class Agents:
    """Browsers of people at the desk."""

    world: World
    desk: Desk
    db: Database

    @contextlib.asynccontextmanager
    async def agent(self, name: str, *duties: Duty) -> AsyncIterator[Page]:
        """At the desk with a telephone that is connected."""
        use_secret(self.world.house.settings.secret("audit"), self.world.house.settings.audit_anchor)
        await add_person(self.db, name, Role.operator, now, duties or [Duty.desk])  # type: ignore[arg-type]
        token = await signed_in(SignIn(self.db, now), name)
        async with self.desk.person({COOKIE: token}, permissions=["microphone"]) as page:
            await page.goto("/console/desk")
            await expect(page.locator("#phone-state")).to_have_text("bağlı")
            yield page

    async def contacts(self) -> list[Contact]:
        use_key(self.world.house.settings.secret("database-key"))
        async with self.db.reading() as session:
            return list(await session.scalars(select(Contact).order_by(Contact.id)))

    async def tickets(self) -> list[Ticket]:
        async with self.db.reading() as session:
            return list(await session.scalars(select(Ticket).order_by(Ticket.id)))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def agents(world: World) -> AsyncIterator[Agents]:
    db = Database(world.house.settings.database)
    async with desk_at(world.house.url) as desk:
        yield Agents(world, desk, db)
    await db.close()


async def ready(page: Page) -> None:
    await page.get_by_role("button", name="Hazırım").click()
    await expect(page.locator("[data-state=ready]")).to_be_visible()


async def dials(page: Page) -> None:
    """A citizen with a phone in the browser."""
    await page.add_init_script(WATCH)
    await page.goto("/phone")
    await page.get_by_role("button", name="185'i ara").click()
    await expect(page.locator("#said")).to_have_text("Bağlandınız.", timeout=PATIENCE)


async def to_a_person(page: Page, world: World) -> None:
    """By letters to the area, no to being remembered, then a person; each entry once the question is written."""
    await expect(page.locator("#captions li", has_text="Su kesintileri için bir").last).to_be_visible(timeout=PATIENCE)
    for entry in ("1", *world.keys_to_district, "5", world.area.keypad[:LETTERS], "1"):
        before = await page.locator("#captions li").count()
        for key in entry:
            await page.locator(f'.key[data-key="{key}"]').click()
        await becomes(page, "document.querySelectorAll('#captions li').length", lambda n, b=before: n > b)  # type: ignore[misc]
    await page.locator('.key[data-key="0"]').click()


async def serves(agents: Agents, name: str, queue: str) -> None:
    async with agents.db.session() as session:
        user = await PeopleService(session, now, "tests").named(name)
        await Setup(session, now, "tests").serve(user.id, [queue])
        await session.commit()


async def hears(page: Page) -> None:
    before = await page.evaluate(f"{PHONE}.calls[0].received()")
    await becomes(page, f"{PHONE}.calls[0].received()", lambda got: got["energy"] > before["energy"] + 1e-4)


async def answers(page: Page) -> None:
    await expect(page.locator("[data-state=ringing]")).to_be_visible(timeout=PATIENCE)
    assert await page.evaluate(f"{PHONE}.calls[0].state") == "ringing"
    await page.keyboard.press("F2")
    await expect(page.locator("[data-state=talking]")).to_be_visible()


async def test_a_call_from_the_first_key_to_the_ticket(agents: Agents, world: World) -> None:
    """Two browsers: the citizen's and the agent's; then a third, to whom the call is passed on."""
    citizen_of = agents.desk.person(permissions=["microphone"])
    async with agents.agent("ayse") as page, agents.agent("murat") as other, citizen_of as citizen:
        await serves(agents, "murat", TECHNICAL)
        await ready(page)
        await ready(other)
        await dials(citizen)
        await to_a_person(citizen, world)
        # before anybody has answered
        await expect(page.locator("#pop h2")).to_contain_text(world.area.name, timeout=PATIENCE)
        await expect(page.locator("#pop .keys")).to_contain_text("0")
        await answers(page)
        await hears(page)
        heard = await citizen.evaluate(ENERGY)
        await becomes(citizen, f"({ENERGY})()", lambda energy: energy > heard + 1e-4)
        await page.locator("#ticket button.main").click()
        await expect(page.locator("#pop")).to_contain_text("26-000001")
        await page.locator("#phone-on > summary").click()
        await page.locator("#transfer-to").select_option(f"queue:{TECHNICAL}")
        await page.get_by_role("button", name="Aktar", exact=True).click()
        await expect(page.locator("[data-state=wrap_up]")).to_be_visible()
        await page.get_by_label("Başka yere aktarıldı").check()
        await page.locator("#result button.main").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        await expect(other.locator("#pop h2")).to_contain_text(world.area.name, timeout=PATIENCE)
        await answers(other)
        await hears(other)
        await citizen.locator("#hang-up").click()
        await expect(other.locator("[data-state=wrap_up]")).to_be_visible()
    first, second = await agents.contacts()
    [ticket] = await agents.tickets()
    assert (first.outcome, second.outcome) == (Outcome.transferred, Outcome.done)
    assert (first.caller, first.area_id) == (second.caller, world.area.id)
    assert (ticket.number, ticket.area_id) == (first.ticket_number, world.area.id)


async def test_an_agent_whose_browser_is_closed_leaves_the_caller_first_in_line(agents: Agents, world: World) -> None:
    before = len(await agents.contacts())
    async with world.house.phone("05321110012") as phone, agents.agent("fatma") as second:
        async with agents.agent("zeynep") as first:
            await ready(first)
            await phone.dial("185")
            await answer_questions(phone, "0")
            await answers(first)
            await ready(second)
        await expect(second.locator("#pop")).to_contain_text("+905321110012", timeout=PATIENCE)
        await answers(second)
        await phone.hang_up()
        await expect(second.locator("[data-state=wrap_up]")).to_be_visible()
        lost, again = (await agents.contacts())[before:]
        assert (lost.outcome, lost.caller) == (Outcome.lost, again.caller)
