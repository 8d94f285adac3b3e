"""Asterisk, and then the service, is started again while agents are at the desk: the next call reaches them."""

import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser_desk import in_one_loop
from tests.live_desk import PATIENCE, Agents, agents_of, answers, finishes, hears, ready, says
from tests.live_worlds import World, one_house

pytestmark = [pytest.mark.live, in_one_loop]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with one_house(request, tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def agents(world: World, chromium: Browser) -> AsyncIterator[Agents]:
    async with agents_of(world, chromium) as made:
        yield made


def forgiven(agents: Agents) -> None:
    """Browsers write of every connection that failed meanwhile; what comes after is a fault again."""
    agents.desk.faults.clear()


async def goes_and_is_back(page: Page) -> None:
    await expect(page.locator("#phone-state")).not_to_have_text("bağlı", timeout=PATIENCE)
    await expect(page.locator("#phone-state")).to_have_text("bağlı", timeout=PATIENCE)


async def serves_a_call(agents: Agents, page: Page, number: str) -> None:
    async with agents.caller(number) as phone:
        await answers(page)
        await says(phone, 81)
        await hears(page)
        await phone.hang_up()
        await finishes(page, "Bilgi verildi")


async def test_asterisk_is_started_again_and_the_next_call_reaches_who_was_signed_in(
    agents: Agents, world: World
) -> None:
    """Also who was in a call, which is over then."""
    async with agents.agent("ayse") as waiting, agents.agent("zeynep") as talking:
        await ready(talking)
        async with agents.caller("05321110041"):
            await answers(talking)
            await ready(waiting)
            os.kill(world.house.asterisk_pid, signal.SIGKILL)
            await expect(talking.locator("[data-state=wrap_up]")).to_be_visible(timeout=PATIENCE)
        await expect(waiting.locator("#phone-state")).to_have_text("bağlı", timeout=PATIENCE)
        forgiven(agents)
        await expect(waiting.locator("[data-state=ready]")).to_be_visible()
        await serves_a_call(agents, waiting, "05321110042")
        await waiting.get_by_role("button", name="Masadan çık").click()
        await finishes(talking, "Bilgi verildi")
        await serves_a_call(agents, talking, "05321110043")


async def test_the_service_is_started_again_and_the_page_connects_its_telephone_anew(
    agents: Agents, world: World
) -> None:
    async with agents.agent("fatma") as page:
        await ready(page)
        died = world.house.service_pid
        os.kill(died, signal.SIGKILL)
        world.house.healthy_again(other_than=died)
        await goes_and_is_back(page)
        forgiven(agents)
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        await serves_a_call(agents, page, "05321110044")
