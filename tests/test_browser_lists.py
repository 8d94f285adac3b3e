"""A list that somebody looks at before it is taken in, in a real browser: usable by everybody, harmful to nobody."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from people.roles import Role
from tests.browser import NARROW, axe, fits, focus_shows
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite
from tests.hostile_words import FOREIGN

pytestmark = [in_one_loop, on_sqlite]

WORD = "<img src=x onerror=alert(1)>"
SUBSCRIBERS = f"Abone No;Ad Soyad;Telefon;İlçe;Mahalle\n4532170;{WORD};05321234567;Gebze;Barış\nx;{WORD};1;Y;Z\n"
OUTAGES = (
    "id;ilçe;mahalle;tip;başlangıç;bitiş\nA1;Gebze;Barış;arıza;25.11.2026 11:00;\n"
    f"A2;Gebze;{WORD};arıza;25.11.2026 11:00;\n"
)


@pytest.mark.parametrize(("path", "rows"), [("/console/import", OUTAGES), ("/console/subscribers/import", SUBSCRIBERS)])
async def test_everybody_can_look_through_a_list(at_desk: ConsoleDesk, tmp_path: Path, path: str, rows: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(rows)
    async with at_desk.signed_in(Role.administrator, size=NARROW, bypass_csp=True) as page:
        await page.goto(path)
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="bak").click()
        await expect(page.locator("table.rows tbody tr")).to_have_count(2)
        assert WORD in await page.inner_text("main")
        assert not await page.locator(FOREIGN).count()
        await fits(page)
        await axe(page)
        assert await focus_shows(page) > 3
