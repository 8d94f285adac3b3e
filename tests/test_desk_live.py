"""The whole house: a citizen goes through the menu by keys and asks for a person, who knows at once who calls."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agents.states import Outcome
from ivr.dialplan import QUEUES
from tests.browser_desk import in_one_loop
from tests.live_desk import PATIENCE, Agents, agents_of, answers, finishes, hears, passes_on, ready
from tests.live_house import interrupt
from tests.live_worlds import LETTERS, World, one_house
from tests.phone_stand import becomes
from tests.test_phone_page_live import ENERGY, WATCH

pytestmark = [pytest.mark.live, in_one_loop]
TECHNICAL = QUEUES[2]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with one_house(request, tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def agents(world: World, chromium: Browser) -> AsyncIterator[Agents]:
    async with agents_of(world, chromium) as made:
        yield made


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


async def test_a_call_from_the_first_key_to_the_ticket(agents: Agents, world: World) -> None:
    """Two browsers: the citizen's and the agent's; then a third, to whom the call is passed on."""
    citizen_of = agents.desk.person(permissions=["microphone"])
    async with agents.agent("ayse") as page, agents.agent("murat") as other, citizen_of as citizen:
        await agents.serves("murat", TECHNICAL)
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
        await passes_on(page, f"queue:{TECHNICAL}", "Aktar")
        await finishes(page, "Başka yere aktarıldı")
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
            await interrupt(phone, "0")
            await answers(first)
            await ready(second)
        await expect(second.locator("#pop")).to_contain_text("+905321110012", timeout=PATIENCE)
        await answers(second)
        await phone.hang_up()
        await expect(second.locator("[data-state=wrap_up]")).to_be_visible()
        lost, again = (await agents.contacts())[before:]
        assert (lost.outcome, lost.caller) == (Outcome.lost, again.caller)
