"""The agents' desk in a real browser, without telephones: pushed screen-pops, three clicks, and nobody left out."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from agents.rules import Rang
from agents.setup import Setup
from outages.service import OutageService
from people.roles import Duty, Role
from people.service import PeopleService
from people.web import COOKIE
from tests.agents_world import CHANNEL, journal
from tests.browser import NARROW, axe_in_both_schemes, fits, focus_shows
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite
from tests.hostile_words import ATTACK, FOREIGN
from tests.outage_world import fault
from tests.phone_stand import becomes

pytestmark = [in_one_loop, on_sqlite]
QUEUE, OTHER_QUEUE, LEG = "alo185-agents", "alo185-technical", "1732500001.9"
DUTIES = tuple(Duty)


async def agent_of(page: Page, at_desk: ConsoleDesk) -> int:
    cookies = await page.context.cookies()
    token = next(str(cookie["value"]) for cookie in cookies if cookie["name"] == COOKIE)
    person = await at_desk.world.office.signin.who(token)
    assert person
    return person.id


async def ready(page: Page) -> None:
    await page.goto("/console/desk")
    await page.get_by_role("button", name="Hazırım").click()
    await expect(page.locator("[data-state=ready]")).to_be_visible()


async def rings(page: Page, at_desk: ConsoleDesk, leg: str = LEG, **told: object) -> None:
    world, desk = at_desk.world, at_desk.world.office.desk
    assert desk
    desk.memory.keep(journal(world.clock, world.places.yeni, **told))
    await desk.rang(Rang(f"desk-{await agent_of(page, at_desk)}", leg, CHANNEL, QUEUE, 31.0))


async def outage(at_desk: ConsoleDesk) -> None:
    world = at_desk.world
    async with world.office.db.session() as session:
        await OutageService(session, world.clock, "tests").create(fault(world.places.yeni))
        await session.commit()
    await world.heard()


async def test_a_call_is_shown_by_itself_and_ends_with_a_ticket_and_a_result(at_desk: ConsoleDesk) -> None:
    """Ready, one click for the ticket that is filled in already, two for the result; the page is never left."""
    desk = at_desk.world.office.desk
    assert desk
    await outage(at_desk)
    async with at_desk.signed_in(Role.operator, duties=DUTIES) as page:
        await page.goto("/console/desk")
        await page.evaluate("window.stays = true")
        await page.get_by_role("button", name="Hazırım").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        await rings(page, at_desk)
        await expect(page.locator("#pop h2")).to_contain_text("Gebze / Yeni Mahalle")
        await expect(page.locator("[data-state=ringing]")).to_be_visible()
        await desk.answered(LEG)
        await expect(page.locator("[data-state=talking]")).to_be_visible()
        await page.locator("#ticket button.main").click()
        await expect(page.locator("#pop")).to_contain_text("26-000001")
        await desk.ended(LEG)
        await expect(page.locator("[data-state=wrap_up]")).to_be_visible()
        await page.get_by_label("Kayıt açıldı").check()
        await page.locator("#result button.main").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        assert await page.evaluate("window.stays")


async def test_what_supervisors_do_is_told_to_the_agent(at_desk: ConsoleDesk) -> None:
    desk = at_desk.world.office.desk
    assert desk
    async with (
        at_desk.signed_in(Role.operator, "ayse", duties=DUTIES) as page,
        at_desk.signed_in(Role.viewer, "amir", duties=[Duty.supervisor], permissions=["microphone"]) as other,
    ):
        await page.goto("/console/desk")
        await page.get_by_role("button", name="Hazırım").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        await other.goto("/console/supervisor")
        await rings(page, at_desk)
        await desk.answered(LEG)
        await expect(other.locator("#floor")).to_contain_text("Görüşmede")
        await expect(other.locator("#floor")).to_contain_text("…67")
        await other.get_by_role("button", name="Dinle Ayse").click()
        await expect(other.locator("#floor-phone [role=status]")).to_contain_text("Telefonunuz çalacak")
        await expect(page.locator("#watched")).to_contain_text("dinliyor")
        await other.get_by_role("button", name="Kaydet Ayse").first.click()
        await expect(page.locator("#watched")).to_contain_text("kaydediliyor")
        await expect(other.locator("#floor-phone [role=status]")).to_contain_text("Bildirim okunuyor")
        await desk.ended(LEG)
        await expect(page.locator("#watched")).to_have_text("")
    number = await agent_number(at_desk, "ayse")
    assert [each[0] for each in at_desk.world.exchange.done] == ["spy", "record"]
    assert at_desk.world.exchange.done[0] == ("spy", f"floor-{number + 1}", LEG, "listen", None)


async def test_what_a_supervisor_chooses_is_not_swapped_away_while_the_floor_moves(at_desk: ConsoleDesk) -> None:
    desk = at_desk.world.office.desk
    assert desk
    async with (
        at_desk.signed_in(Role.operator, "ayse", duties=DUTIES) as page,
        at_desk.signed_in(Role.viewer, "amir", duties=[Duty.supervisor]) as other,
    ):
        async with at_desk.world.office.db.session() as session:
            await Setup(session, at_desk.world.clock, "tests").know_queues((QUEUE, OTHER_QUEUE))
            await session.commit()
        await ready(page)
        await other.goto("/console/supervisor")
        await other.get_by_text("Kuyruklarını değiştir").click()
        await other.locator(f'input[value="{OTHER_QUEUE}"]').check()
        told = "document.getElementById('floor').addEventListener('htmx:sseBeforeMessage', () => (window.moved = true))"
        await other.evaluate(told)
        await rings(page, at_desk)
        await becomes(other, "window.moved")
        await expect(other.locator(f'input[value="{OTHER_QUEUE}"]')).to_be_checked()
        await other.get_by_role("button", name="Kaydet", exact=True).click()
        await expect(other.locator("#floor-phone [role=status]")).to_contain_text("Kuyrukları değişti")
        await expect(other.locator("#floor")).to_contain_text("Çalıyor")
    async with desk.work() as work:
        assert OTHER_QUEUE in await work.queues_of(await agent_number(at_desk, "ayse"))


async def agent_number(at_desk: ConsoleDesk, name: str) -> int:
    async with at_desk.world.office.db.reading() as session:
        return (await PeopleService(session, at_desk.world.clock, "tests").named(name)).id


async def test_a_call_can_be_served_by_everybody(at_desk: ConsoleDesk) -> None:
    await outage(at_desk)
    async with at_desk.signed_in(Role.operator, duties=DUTIES) as page:
        await ready(page)
        await rings(page, at_desk, reason="hazard")
        await expect(page.locator("#pop h2")).to_contain_text("TEHLİKE")
        await page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
        await axe_in_both_schemes(page)
        assert await focus_shows(page, 90) > 20
    async with at_desk.signed_in(Role.operator, "fatma", duties=DUTIES, size=NARROW) as page:
        await ready(page)
        await rings(page, at_desk)
        await expect(page.locator("#pop h2")).to_contain_text("Yeni Mahalle")
        await fits(page)
        await axe_in_both_schemes(page)
        await page.goto("/console/supervisor")
        await fits(page)
        await axe_in_both_schemes(page)


async def test_no_word_of_a_caller_becomes_part_of_the_page(at_desk: ConsoleDesk) -> None:
    async with at_desk.signed_in(Role.operator, duties=DUTIES, bypass_csp=True) as page:
        await ready(page)
        told = journal(at_desk.world.clock)
        words = [each.__class__(each.at, each.key, ATTACK) for each in told.heard]
        await rings(page, at_desk, heard=words, reason=ATTACK[:50], ticket_number=ATTACK[:15])
        await expect(page.locator("#pop")).to_contain_text(re.compile(re.escape(ATTACK[:20])))
        assert not await page.locator(FOREIGN).count()


async def test_an_agent_to_whom_something_happens_all_the_time_is_not_taken_for_silent(at_desk: ConsoleDesk) -> None:
    world, desk = at_desk.world, at_desk.world.office.desk
    assert desk
    async with at_desk.signed_in(Role.operator, duties=DUTIES) as page:
        await page.goto("/console/desk")
        await page.get_by_role("button", name="Hazırım").click()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        for number in range(6):
            world.clock.forward(timedelta(seconds=14))
            await rings(page, at_desk, leg=f"17.{number}")
            await expect(page.locator("[data-state=ringing]")).to_be_visible()
            await desk.ended(f"17.{number}")
            await expect(page.locator("[data-state=ready]")).to_be_visible()
            await desk.sweep()
        await expect(page.locator("[data-state=ready]")).to_be_visible()
        async with desk.work() as work:
            assert await work.present(await agent_of(page, at_desk))
