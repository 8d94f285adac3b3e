"""Signing in, as a person does it: in a real browser, with the keyboard."""

from playwright.async_api import expect

from people.roles import Role
from tests.browser_desk import ConsoleDesk, in_one_loop
from tests.people_world import PASSWORD, add_person

pytestmark = in_one_loop


async def test_somebody_signs_in_by_keyboard_alone_and_out_again(at_desk: ConsoleDesk) -> None:
    await add_person(at_desk.world.office.db, "ayse", Role.operator, at_desk.world.clock)
    async with at_desk.stranger() as page:
        await page.goto("/console")
        await expect(page.get_by_label("Kullanıcı adı")).to_be_focused()
        await page.keyboard.type("ayse")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console")
        await expect(page.get_by_role("link", name="Ayse")).to_be_visible()
        await page.get_by_role("button", name="Çıkış").press("Enter")
        await expect(page.get_by_label("Parola")).to_be_visible()
        await page.goto("/console")
        await expect(page.get_by_label("Parola")).to_be_visible()


async def test_a_wrong_password_is_told_and_lets_nobody_in(at_desk: ConsoleDesk) -> None:
    await add_person(at_desk.world.office.db, "ayse", Role.operator, at_desk.world.clock)
    async with at_desk.stranger() as page:
        await page.goto("/console")
        await page.get_by_label("Kullanıcı adı").fill("ayse")
        await page.get_by_label("Parola").fill("yanlış")
        await page.get_by_role("button", name="Gir").click()
        await expect(page.get_by_role("alert")).to_contain_text("Kullanıcı adı ya da parola yanlış")
        assert await page.get_by_label("Kullanıcı adı").input_value() == "ayse"
