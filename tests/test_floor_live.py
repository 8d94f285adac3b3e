"""A supervisor who is not at the desk: sees the floor, listens unheard, whispers, joins, records and moves agents."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from ivr.asterisk.listening import listen, read_wav
from ivr.dialplan import QUEUES
from tests.browser_desk import in_one_loop
from tests.live_desk import (
    AUDIBLE,
    PATIENCE,
    PHONE,
    QUIET,
    RATE,
    Agents,
    agents_of,
    answers,
    falls_silent,
    finishes,
    hears,
    hears_nothing,
    is_heard,
    loudest,
    passes_on,
    pieces,
    ready,
    says,
    so_far,
)
from tests.live_worlds import World, one_house
from tests.phone_stand import becomes

pytestmark = [pytest.mark.live, in_one_loop]
TECHNICAL = QUEUES[2]
NUMBER = "05321110031"
PLAYED = """audio => new Promise((done, failed) => {
    audio.addEventListener('timeupdate', () => audio.currentTime > 1 && done(audio.duration));
    audio.addEventListener('error', () => failed(new Error('not playable'))); audio.play().catch(failed); })"""


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with one_house(request, tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def agents(world: World, chromium: Browser) -> AsyncIterator[Agents]:
    async with agents_of(world, chromium) as made:
        yield made


async def goes_in(boss: Page, how: str, says: str) -> None:
    """The supervisor's own telephone is connected, rings and answers by itself."""
    await boss.get_by_role("button", name=f"{how} Ayse").click()
    await becomes(boss, f"{PHONE}.calls.find(one => one.state === 'talking')?.state")
    await expect(boss.locator("#floor-phone [role=status]")).to_have_text(says)


async def goes_out(boss: Page) -> None:
    await boss.keyboard.press("F4")
    await becomes(boss, f"{PHONE}.calls.length", lambda count: count == 0)


async def test_a_supervisor_listens_whispers_joins_and_records_from_the_floor(agents: Agents, tmp_path: Path) -> None:
    """The caller speaks English, and hears English."""
    async with agents.agent("ayse") as page, agents.supervisor("amir") as boss, agents.caller(NUMBER, "9") as phone:
        await ready(page)
        await expect(boss.locator("#floor")).to_contain_text("Çalıyor", timeout=PATIENCE)
        await answers(page)
        await page.keyboard.press("F6")  # the agent says nothing, unless it is said so
        await expect(boss.locator("#floor")).to_contain_text("Görüşmede")
        await expect(boss.locator("#floor")).to_contain_text("…31")

        await goes_in(boss, "Dinle", "Dinliyorsunuz; kimse sizi duymaz.")
        await expect(page.locator("#watched")).to_contain_text("dinliyor")
        await hears_nothing(boss)
        assert await loudest(phone, 2) < QUIET
        await hears_nothing(page)
        await says(phone, 71)
        await hears(boss)
        await page.keyboard.press("F6")
        await hears(boss)
        await page.keyboard.press("F6")

        await falls_silent(page)
        await goes_in(boss, "Fısılda", "Yalnız temsilci sizi duyuyor.")
        await hears(page)
        assert await loudest(phone, 3) < QUIET

        begun = len(read_wav(so_far(phone))) / RATE
        await goes_in(boss, "Katıl", "Görüşmeye katılıyorsunuz.")
        told = await is_heard(phone, agents.announcement("desk-joined", "en"), begun)
        await hears(page)
        assert await loudest(phone, 3) > AUDIBLE
        assert silent_until(so_far(phone), begun, told)
        await goes_out(boss)
        assert not [match for match in listen(so_far(phone), [agents.announcement("desk-joined", "tr")]) if match.whole]

        begun = len(read_wav(so_far(phone))) / RATE
        await boss.get_by_role("button", name="Kaydet Ayse").first.click()
        notice = agents.announcement("desk-recorded", "en")
        await is_heard(phone, notice, begun)
        await expect(page.locator("#watched")).to_contain_text("kaydediliyor")
        await falls_silent(page)
        said = await says(phone, 72)
        await hears(page)
        await falls_silent(page)
        await phone.hang_up()
        await expect(page.locator("[data-state=wrap_up]")).to_be_visible(timeout=PATIENCE)
        await finishes(page, "Bilgi verildi")

        await boss.goto("/console/supervisor/recordings")
        sound = boss.locator("audio").first
        assert await sound.evaluate(PLAYED) > 3
        kept = await boss.request.get(str(await sound.get_attribute("src")))
        (tmp_path / "kept.wav").write_bytes(await kept.body())
    assert listen(tmp_path / "kept.wav", [notice]) == []  # nothing is written down before it was said
    assert pieces(tmp_path / "kept.wav", said) > 0.5


def silent_until(recording: Path, begun: float, told: float) -> bool:
    """Nobody was in before it was said. Where packets were lost, its first words may lie before where it was found."""
    before = read_wav(recording)[int(begun * RATE) : int((told - 0.4) * RATE)]
    return float(np.abs(before).max()) < QUIET


async def test_an_agent_who_was_moved_is_given_the_next_call_of_that_queue(agents: Agents, world: World) -> None:
    """What the caller has told comes along with the call."""
    async with agents.agent("zeynep") as page, agents.agent("murat") as other, agents.supervisor("amire") as boss:
        await ready(page)
        async with agents.caller("05321110032") as phone:
            await answers(page)
            await ready(other)
            row = boss.locator("tr", has_text="Murat")
            await row.get_by_text("Kuyruklarını değiştir").click()
            for queue in QUEUES:
                await row.locator(f'input[value="{queue}"]').set_checked(queue == TECHNICAL)
            await row.get_by_role("button", name="Kaydet", exact=True).click()
            await expect(boss.locator("#floor-phone [role=status]")).to_have_text("Kuyrukları değişti.")
            await passes_on(page, f"queue:{TECHNICAL}", "Aktar")
            await finishes(page, "Başka yere aktarıldı")
            await expect(other.locator("#pop")).to_contain_text("+905321110032", timeout=PATIENCE)
            await expect(other.locator("#pop .keys")).to_contain_text("0")
            await answers(other)
            await says(phone, 73)
            await hears(other)
            await phone.hang_up()
            await finishes(other, "Bilgi verildi")
