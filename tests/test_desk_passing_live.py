"""Calls that agents pass on, share and hold by their page: real browsers, a real Asterisk, telephones that listen."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agents.states import Outcome
from ivr.asterisk.listening import listen
from ivr.asterisk.softphone import Softphone
from tests.browser_desk import in_one_loop
from tests.live_desk import (
    AUDIBLE,
    PATIENCE,
    Agents,
    agents_of,
    answers,
    falls_quiet,
    finishes,
    hears,
    loudest,
    passes_on,
    reaches,
    ready,
    says,
    so_far,
)
from tests.live_worlds import World, one_house
from tests.ports import free_ports

pytestmark = [pytest.mark.live, in_one_loop]
(TRUNK,) = free_ports(1)
"""Where the telephone listens that calls to the outside come to."""
UNIT, OUTSIDE, TEAM = "+902623181000", "187", "+902623181001"


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    dial = f"PJSIP/alo185-local/sip:{{number}}@127.0.0.1:{TRUNK}"
    with one_house(request, tmp_path_factory, dial=dial, shown_number="185") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def agents(world: World, chromium: Browser) -> AsyncIterator[Agents]:
    async with agents_of(world, chromium) as made:
        yield made


@asynccontextmanager
async def outside(world: World, number: str) -> AsyncIterator[Softphone]:
    """Answers when that number is called."""
    async with world.house.phone(number, answers=True, listens=TRUNK) as phone:
        yield phone


async def muted(page: Page) -> None:
    """The agent says nothing: what is heard is of others."""
    await page.keyboard.press("F6")
    await expect(page.locator("#phone-state")).to_have_text("mikrofon kapalı")


async def test_a_caller_goes_to_a_unit_and_to_a_number_of_the_list_and_to_no_other(
    agents: Agents, world: World
) -> None:
    to_unit, to_outside = await agents.target("AKOM", UNIT, "unit"), await agents.target("Acil gaz", OUTSIDE, "outside")
    before = len(await agents.contacts())
    async with agents.agent("ayse") as page:
        for to, number in ((to_unit, UNIT), (to_outside, OUTSIDE)):
            async with outside(world, number) as third, agents.caller("05321110021") as phone:
                if to == to_unit:
                    await ready(page)
                await answers(page)
                for other in ("target:77", "target:05321110099", "queue:05321110099"):
                    assert await refused(page, other) in (404, 422), other
                await passes_on(page, to, "Aktar")
                asked = await third.rung()
                assert asked.number == "185"
                await third.answered()
                await reaches(third, await says(phone, 41), phone)
                await reaches(phone, await says(third, 42), third)
                await finishes(page, "Başka yere aktarıldı")
                await third.hang_up()
                await phone.ended(within=30)  # who was talked to outside is not sent back into the line
    passed = (await agents.contacts())[before:]
    assert [(each.outcome, each.passed_to) for each in passed] == [
        (Outcome.transferred, "AKOM"),
        (Outcome.transferred, "Acil gaz"),
    ]


async def refused(page: Page, to: str) -> int:
    """What the house answers to an agent whose browser asks for more than the page offers."""
    status: int = await page.evaluate(
        """to => fetch(`/console/desk/call/${document.querySelector('#pop [data-caller]').dataset.caller}/pass-on`,
        {method: 'POST', body: new URLSearchParams({to}), headers:
        {'X-CSRF-Token': document.getElementById('phone').dataset.csrf}}).then(answer => answer.status)""",
        to,
    )
    return status


async def test_three_hear_each_other_and_two_stay_when_the_agent_leaves(agents: Agents, world: World) -> None:
    to = await agents.target("Vana ekibi", TEAM, "unit")
    before = len(await agents.contacts())
    async with agents.agent("fatma") as page, outside(world, TEAM) as third, agents.caller("05321110022") as phone:
        await ready(page)
        await answers(page)
        await muted(page)
        await passes_on(page, to, "Üçlü görüşme")
        await third.answered()
        said = await says(phone, 51)
        await hears(page)
        await reaches(third, said, phone)
        said = await says(third, 52)
        await hears(page)
        await reaches(phone, said, third)
        await page.keyboard.press("F6")
        assert await loudest(phone, 3) > AUDIBLE  # the agent's microphone beeps
        assert await loudest(third, 3) > AUDIBLE
        await page.keyboard.press("F4")
        await finishes(page, "Bilgi verildi")
        await reaches(third, await says(phone, 53), phone)
        await reaches(phone, await says(third, 54), third)
        await page.locator("#state").get_by_role("button", name="Masadan çık").click()
        await expect(page.locator("[data-state=out]")).to_be_visible()
        await third.hang_up()
        await phone.ended(within=30)
    [contact] = (await agents.contacts())[before:]
    assert contact.outcome is Outcome.done


@pytest.mark.parametrize(("language", "keys"), [("tr", ()), ("en", ("9",))])
async def test_who_is_held_is_told_so_and_is_talked_to_afterwards(
    agents: Agents, language: str, keys: tuple[str, ...]
) -> None:
    announcement = agents.announcement("desk-hold", language)
    async with agents.agent(f"hale{language}") as page, agents.caller("05321110023", *keys) as phone:
        await ready(page)
        await answers(page)
        await muted(page)
        await falls_quiet(phone)
        await page.keyboard.press("F7")
        await expect(page.locator("#phone-state")).to_have_text("beklemede")
        assert await loudest(phone, 16) > AUDIBLE
        await page.keyboard.press("F7")
        await expect(page.locator("#phone-state")).to_have_text("mikrofon kapalı")
        assert heard(so_far(phone), announcement) == 2  # again after a pause
        await falls_quiet(phone)
        await page.keyboard.press("F6")
        assert await loudest(phone, 3) > AUDIBLE
        await says(phone, 61)
        await hears(page)
        await phone.hang_up()
        await expect(page.locator("[data-state=wrap_up]")).to_be_visible(timeout=PATIENCE)


def heard(recording: Path, sound: Path) -> int:
    return sum(match.whole for match in listen(recording, [sound]))
