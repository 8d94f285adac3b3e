"""A report in a real browser, from the clerk's keyboard to the citizen's own page: crew, call-back desk and brake."""

import base64
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from city.ticket_pages import TicketPages
from dialling.models import CallAttempt
from people.roles import Role
from tests.browser import NARROW, axe, fits, focus_shows
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite
from tickets.models import Ticket, TicketFile
from tickets.setup import UnitFacts
from tickets.unit_models import Route
from tickets.watch import TicketWatch

pytestmark = in_one_loop

NUMBER = "26-000001"
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""One pixel, as a telephone would send more of."""


async def crew(at_desk: ConsoleDesk) -> int:
    """A unit that gets everything; the citizen's page is open too."""
    world = at_desk.world
    world.app.include_router(
        TicketPages(world.office.db, world.clock, world.office.pages, world.office.tickets).router()
    )
    async with world.office.db.session() as session:
        unit = await world.office.tickets.setup(session, "tests").save_unit(None, UnitFacts("Gebze Şebeke"))
        session.add(Route(position=1, unit_id=unit.id))
        await session.commit()
        return unit.id


async def watch(at_desk: ConsoleDesk) -> None:
    await TicketWatch(at_desk.world.office.db, at_desk.world.office.tickets.teller).turn()


async def ticket(at_desk: ConsoleDesk) -> Ticket:
    async with at_desk.world.office.db.reading() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == NUMBER))).one()


async def written(page: Page, told: str = "Kaldırımdan su çıkıyor") -> None:
    """By the keyboard alone, as clerks work."""
    await page.goto("/console/tickets/new")
    await page.locator("#category").focus()
    await page.keyboard.type("Su kaçağı")
    await page.locator("#area").focus()
    await page.keyboard.type("gebze yeni")
    await expect(page.locator("#area-list [role=option]").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.locator("#address").fill("İnönü Cad. 5")
    await page.locator("#told").fill(told)
    await page.locator("#caller").fill("0532 123 45 67")
    await page.locator("#caller").press("Enter")
    await page.wait_for_url(re.compile(rf"/console/tickets/{NUMBER}\?"))


async def good(page: Page) -> None:
    await axe(page)
    await fits(page)


async def state_for_citizen(at_desk: ConsoleDesk, telling: str) -> None:
    async with at_desk.stranger(size=NARROW) as page:
        await page.goto("/durum")
        await page.locator("[name=number]").fill(NUMBER)
        await page.locator("[name=digits]").fill("67")
        await page.locator("main form button, form button").last.click()
        await expect(page.locator("body")).to_contain_text(telling)
        assert "Ali" not in await page.content()
        await good(page)


async def worked_off(at_desk: ConsoleDesk, unit: int, photo: Path) -> None:
    """By a thumb on a telephone of 360 pixels."""
    async with at_desk.signed_in(Role.operator, "ekip", size=NARROW, has_touch=True, is_mobile=True) as page:
        await page.goto(f"/console/unit/{unit}")
        await good(page)
        for button in ("Kabul et", "Yola çıktık", "Yerindeyiz"):
            pressed = page.get_by_role("button", name=button, exact=True)
            box = await pressed.bounding_box()
            assert box
            assert (box["height"] >= 44, box["width"] > 250) == (True, True), "a thumb in a glove"
            await pressed.tap()
            await expect(page.get_by_role("status")).to_be_visible()
            await good(page)
        await page.locator(f"#cause-{NUMBER}").select_option("leaking_joint")
        await page.locator(f"#note-{NUMBER}").fill("Bağlantı yenilendi")
        await page.locator(f"#photo-{NUMBER}").set_input_files(photo)
        await page.get_by_role("button", name="Tamamlandı", exact=True).tap()
        await expect(page.get_by_text("Yapılacak iş yok")).to_be_visible()


async def test_a_report_goes_from_the_clerk_to_the_citizens_yes(at_desk: ConsoleDesk, tmp_path: Path) -> None:
    unit = await crew(at_desk)
    photo = tmp_path / "IMG_0001.png"
    photo.write_bytes(PHOTO)
    async with at_desk.signed_in(Role.operator, "ayse") as page:
        await written(page)
        await watch(at_desk)
        await page.reload()
        await expect(page.locator("main")).to_contain_text("Gebze Şebeke")
        await good(page)
    await state_for_citizen(at_desk, "İlgili birime iletildi")
    await worked_off(at_desk, unit, photo)
    await state_for_citizen(at_desk, "Ekip işi tamamladı")
    async with at_desk.signed_in(Role.operator, "masa") as page:
        await page.goto("/console/calls-back")
        await good(page)
        await page.get_by_role("link", name=NUMBER).click()
        await expect(page.get_by_text("Bağlantı yenilendi")).to_be_visible()
        await good(page)
        await page.locator("#outcome").select_option("answered_person")
        await page.locator("#stars").select_option("4")
        await page.get_by_role("button", name="Giderildi, kapat").click()
        await expect(page.get_by_text("Sorulacak kayıt yok")).to_be_visible()
        await page.goto(f"/console/tickets/{NUMBER}")
        shown = page.locator(".photos img")
        assert await shown.evaluate("async img => { await img.decode(); return img.naturalWidth; }") == 1
    await state_for_citizen(at_desk, "Kaydınız kapandı")
    async with at_desk.world.office.db.reading() as session:
        [attempt] = await session.scalars(select(CallAttempt))
        [file] = await session.scalars(select(TicketFile))
    assert (attempt.who, attempt.verdict, attempt.stars) == ("masa", "solved", 4)
    assert (file.who, file.kind) == ("ekip", "image/png")


@on_sqlite
async def test_an_open_desk_follows_what_others_do(at_desk: ConsoleDesk) -> None:
    """Without a key being pressed: a decision of a colleague takes the card away, the brake shows on top."""
    unit = await crew(at_desk)
    async with at_desk.signed_in(Role.operator, "ayse") as page:
        await written(page)
        await watch(at_desk)
        async with at_desk.signed_in(Role.publisher, "mehmet") as other:
            for button in ("Kabul et", "Yerindeyiz"):
                await other.goto(f"/console/unit/{unit}")
                await other.get_by_role("button", name=button, exact=True).click()
            await page.goto("/console/calls-back")
            await expect(page.get_by_text("Sorulacak kayıt yok")).to_be_visible()
            await other.locator(f"#cause-{NUMBER}").select_option("valve")
            await other.get_by_role("button", name="Tamamlandı", exact=True).click()
            await expect(page.get_by_role("link", name=NUMBER)).to_be_visible()
            await other.goto("/console/dialler")
            await good(other)
            await other.locator("summary", has_text="Bütün aramaları durdur").click()
            await other.locator("#stop-note").fill("Deneme")
            await other.get_by_role("button", name="Şimdi durdur").click()
            await expect(page.locator("#alerts")).to_contain_text("bütün aramalar durduruldu")
            await other.locator("summary", has_text="Aramalar sürsün").click()
            await other.get_by_role("button", name="Şimdi sürdür").click()
            await expect(page.locator("#alerts")).not_to_contain_text("durduruldu")


@on_sqlite
async def test_enter_in_a_field_of_the_desk_decides_nothing(at_desk: ConsoleDesk) -> None:
    unit = await crew(at_desk)
    async with at_desk.signed_in(Role.operator, "ayse", size=NARROW) as page:
        await written(page)
        await watch(at_desk)
        for button in ("Kabul et", "Yerindeyiz"):
            await page.goto(f"/console/unit/{unit}")
            await page.get_by_role("button", name=button, exact=True).click()
        await page.locator(f"#cause-{NUMBER}").select_option("valve")
        await page.get_by_role("button", name="Tamamlandı", exact=True).click()
        await page.goto(f"/console/calls-back/{NUMBER}")
        await good(page)
        assert await focus_shows(page) > 10
        await page.locator("#at").press("Enter")
        assert page.url.endswith(f"/console/calls-back/{NUMBER}")
        await page.locator("#note").fill("Su yine akıyor")
        await page.get_by_role("button", name="Giderilmedi, yeniden aç").click()
        await expect(page.get_by_role("status").first).to_contain_text("yeniden açıldı")
    assert (await ticket(at_desk)).round == 2


@on_sqlite
@pytest.mark.parametrize("typed", ["İNÖNÜ", "inönü", "KALDIRIMDAN", "kaldirimdan", NUMBER, "000001"])
async def test_search_takes_turkish_letters_as_people_type_them(at_desk: ConsoleDesk, typed: str) -> None:
    await crew(at_desk)
    async with at_desk.signed_in(Role.operator, "ayse", size=NARROW) as page:
        await written(page)
        await page.goto("/console/tickets")
        await page.keyboard.press("/")
        await page.keyboard.type(typed)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name=NUMBER)).to_be_visible()
        await good(page)
