"""The whole house: a citizen goes through the menu by keys and asks for a person, who knows at once who calls."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from agents.models import Contact
from agents.states import Outcome
from people.audit import use_secret
from people.roles import Duty, Role
from people.signin import SignIn
from people.web import COOKIE
from storage.database import Database
from storage.types import use_key
from tests.browser import Desk, desk_at
from tests.live_house import LiveHouse, answer_questions
from tests.live_worlds import World, alone_with_its_letters
from tests.people_world import add_person, signed_in
from tests.phone_stand import becomes
from tests.shared_prompts import rendering, shared_prompts
from tickets.models import Ticket

pytestmark = pytest.mark.live
CAUSE = "pump_fault"
PHONE = "window.alo185Phone"
RINGS_WITHIN = 60_000


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    prompts = shared_prompts(request.config)
    house = LiveHouse(tmp_path_factory.mktemp("desk") / "state", prompts, driver="ari")
    try:
        with rendering(prompts):
            house.start()
        district, area = alone_with_its_letters(house.board())
        house.publish(area, CAUSE)
        yield World(house, house.board(), district, area, None)
        assert house.stop() == 0
    finally:
        house.kill()


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


async def to_a_person(world: World, phone: object) -> None:
    """By letters to the area, no to being remembered, then 0."""
    entries = ("1", *world.keys_to_district, "5", world.area.keypad[:3], "1", "2", "0")
    await answer_questions(phone, *entries)  # type: ignore[arg-type]


async def hears(page: Page) -> None:
    before = await page.evaluate(f"{PHONE}.calls[0].received()")
    await becomes(page, f"{PHONE}.calls[0].received()", lambda got: got["energy"] > before["energy"] + 1e-4)


async def test_a_call_from_the_first_key_to_the_ticket(agents: Agents, world: World, tmp_path: Path) -> None:
    async with agents.agent("ayse") as page, world.house.phone("05321110011") as phone:
        await ready(page)
        await phone.dial("185")
        await to_a_person(world, phone)
        # while it still rings
        await expect(page.locator("[data-state=ringing]")).to_be_visible(timeout=RINGS_WITHIN)
        await expect(page.locator("#pop h2")).to_contain_text(world.area.name)
        await expect(page.locator("#pop")).to_contain_text("+905321110011")
        await expect(page.locator("#pop .keys")).to_contain_text("0")
        assert await page.evaluate(f"{PHONE}.calls[0].state") == "ringing"
        await page.keyboard.press("F2")
        await expect(page.locator("[data-state=talking]")).to_be_visible()
        await phone.speaking()  # the browser's microphone beeps
        await page.locator("#ticket button.main").click()
        await expect(page.locator("#pop")).to_contain_text("26-000001")
        await page.get_by_role("button", name="Kapat").click()
        await expect(page.locator("[data-state=wrap_up]")).to_be_visible()
        await phone.ended(within=10)
        await page.get_by_label("Kayıt açıldı").check()
        await page.locator("#result button.main").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        [contact], [ticket] = await agents.contacts(), await agents.tickets()
        assert (contact.outcome, contact.area_id) == (Outcome.done, world.area.id)
        assert (ticket.number, ticket.area_id) == (contact.ticket_number, world.area.id)
        assert contact.result_id == 2


async def test_an_agent_whose_browser_is_closed_leaves_the_caller_first_in_line(agents: Agents, world: World) -> None:
    before = len(await agents.contacts())
    async with world.house.phone("05321110012") as phone, agents.agent("fatma") as second:
        async with agents.agent("zeynep") as first:
            await ready(first)
            await phone.dial("185")
            await answer_questions(phone, "0")
            await expect(first.locator("[data-state=ringing]")).to_be_visible(timeout=RINGS_WITHIN)
            await first.keyboard.press("F2")
            await expect(first.locator("[data-state=talking]")).to_be_visible()
            await ready(second)
        await expect(second.locator("[data-state=ringing]")).to_be_visible(timeout=RINGS_WITHIN)
        await expect(second.locator("#pop")).to_contain_text("+905321110012")
        await second.keyboard.press("F2")
        await expect(second.locator("[data-state=talking]")).to_be_visible()
        await phone.hang_up()
        await expect(second.locator("[data-state=wrap_up]")).to_be_visible()
        lost, again = (await agents.contacts())[before:]
        assert (lost.outcome, lost.caller) == (Outcome.lost, again.caller)
