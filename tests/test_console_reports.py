"""Reports in the console: figures that open to their rows, files, masked numbers, and who gets reports by mail."""

import html
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from calls.models import CallRecord
from people.roles import Role
from reports.readers import Readers
from storage.database import Database
from tests.console_world import ConsoleWorld, console_world
from tests.report_world import MADE, ReportWorld, edges, local, many
from tickets.unit_models import Unit

OCTOBER = "/console/reports?period=month&date=2026-10-01"
LINK = re.compile(r'href="(/console/reports/rows[^"]*)">([^<]*)<')


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        async with db.session() as session:
            units = [Unit(name=name, answer_minutes=9, changed=MADE, active=True) for name in ("Gebze <i>", "Abone")]
            session.add_all(units)
            await session.commit()
        filled = ReportWorld(db, made.places, units[0].id, units[1].id)
        edges(filled)
        many(filled)
        filled.call(local(20, 12), "one", "transferred", caller="+905321234567", reason="asked")
        await filled.keep()
        made.clock.moment = MADE
        yield made


async def test_every_number_on_the_page_opens_to_its_rows(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open(OCTOBER)).text
        assert "Aylık rapor · Ekim 2026 · Bütün birimler" in page
        links = [(html.unescape(path), shown) for path, shown in LINK.findall(page)]
        assert len(links) > 150
        for path, shown in links[:: max(1, len(links) // 40)]:
            rows = await browser.open(path)
            assert rows.status_code == 200, path
            if shown.replace(".", "").isdecimal():
                assert f">{shown} satır<" in rows.text.replace(".", "") or f"{shown} satır" in rows.text, path


async def test_rows_are_paged_to_the_last_one(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        path = "/console/reports/rows?what=calls&period=month&date=2026-10-01"
        number = int(re.findall(r"(\d+) satır", (await browser.open(path)).text)[0])
        seen = 0
        while path:
            page = (await browser.open(path)).text
            seen += page.count("<time ")
            found = re.search(r'rel="next" href="([^"]+)"', page)
            path = html.unescape(found[1]) if found else ""
        assert seen == number > 100


async def test_numbers_are_for_operators_and_masked(world: ConsoleWorld) -> None:
    path = "/console/reports/rows?what=calls&of.outcome=transferred&period=day&date=2026-10-20"
    for role, shown in ((Role.viewer, "•••"), (Role.operator, "…67"), (Role.administrator, "…67")):
        async with world.browser(role) as browser:
            page = (await browser.open(path)).text
            assert shown in page
            assert "5321234" not in page
            assert ("…67" in page) == (role is not Role.viewer)


async def test_a_unit_has_a_report_of_its_own(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        page = (await browser.open(f"{OCTOBER}&unit=1")).text
        assert "Gebze &lt;i&gt;" in page
        assert "Telefon hattı" not in page.split("<main")[1].split("<section")[1]
        assert "Konulara göre kayıtlar" in page
        assert (await browser.open(f"{OCTOBER}&unit=99")).status_code == 404


@pytest.mark.parametrize("format_", ["pdf", "xlsx", "csv"])
async def test_it_can_be_kept_as_a_file(world: ConsoleWorld, format_: str) -> None:
    async with world.browser(Role.viewer) as browser:
        await browser.submit("/console/language", language="en")
        answer = await browser.get(f"/console/reports/file?period=month&date=2026-10-01&format={format_}")
    assert answer.status_code == 200
    assert f'filename="alo185-month-2026-10-01.{format_}"' in answer.headers["content-disposition"]
    match format_:
        case "pdf":
            assert answer.content.startswith(b"%PDF-")
        case "xlsx":
            names = load_workbook(io.BytesIO(answer.content)).sheetnames
            assert names == ["The telephone line", "Tickets", "Calls to citizens", "Outages"]
        case "csv":
            assert answer.text.startswith("\ufeffSection;Table;Row;Column;Value")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?date=x", 422),
        ("?period=year", 422),
        ("?unit=x", 422),
        ("/rows?what=users", 404),
        ("/rows?what=calls&of.caller=x", 404),
        ("/rows?what=calls&of.day=%00", 404),
        ("/rows?what=calls&of.reason=%00", 404),
        ("/rows?what=attempts&of.stars=6", 404),
        ("/rows?what=calls&of.hour=99999999999999999999", 404),
        ("/rows?what=tickets&of.district=99999999999999999999", 404),
    ],
)
async def test_what_is_no_report_is_refused(world: ConsoleWorld, query: str, status: int) -> None:
    async with world.browser(Role.viewer) as browser:
        assert (await browser.get(f"/console/reports{query}")).status_code == status


async def test_administrators_say_who_gets_reports(world: ConsoleWorld) -> None:
    async with world.browser(Role.administrator) as browser:
        path = "/console/reports/readers"
        assert "rapor gönderilmiyor" not in (await browser.open(path)).text
        assert (await browser.submit(path, address="mudur@example.org", daily="true")).status_code == 303
        assert (await browser.submit(path, address="mudur@example.org", weekly="true")).status_code == 303
        assert "En az bir rapor seçin" in (await browser.submit(path, address="x@example.org")).text
        refused = await browser.submit(path, address="a b", daily="true")
        assert refused.status_code == 422
        await browser.submit(f"{path}/units", monthly="true")
        async with world.office.db.reading() as session:
            work = Readers(session, world.clock, "")
            told = [(reader.address, reader.daily, reader.weekly) for reader in await work.all()]
            settings = await work.settings()
        assert told == [("mudur@example.org", False, True)]
        assert (settings.units_daily, settings.units_monthly) == (False, True)
        page = (await browser.open(path)).text
        assert "mudur@example.org" in page
        number = re.findall(r"readers/(\d+)/remove", page)[0]
        assert (await browser.submit(f"{path}/{number}/remove")).status_code == 303
        assert "Henüz kimse almıyor" in (await browser.open(path)).text


async def test_opened_figures_are_no_way_to_older_personal_data(world: ConsoleWorld) -> None:
    """What was emptied stays empty, and is shown as such."""
    async with world.office.db.session() as session:
        session.add(
            CallRecord(call_id="x", started=local(21, 9), driver="ari", language="tr", outage_ids=[], outcome="served")
        )
        await session.commit()
    async with world.browser(Role.operator) as browser:
        page = (await browser.open("/console/reports/rows?what=calls&period=day&date=2026-10-21&of.hour=9")).text
    assert "1 satır" in page
