"""Files of outages in the console: every row is looked at, then exactly that is saved, or nothing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from outages.importer import import_outages, read_outages
from outages.models import Outage
from outages.service import OutageService
from people.roles import Role
from storage.database import Database
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.outage_world import HOUR, START

IMPORT = "/console/import"
HEAD = "Kesinti No;İlçe;Mahalleler;Tür;Neden;Başlangıç;Tahmini Bitiş;Duyuru\n"
GOOD = HEAD + "A-1;Gebze;Barış;arıza;boru patlağı;25.11.2026 11:00;25.11.2026 18:00;\n"
TWO = GOOD + "A-2;Körfez;;planlı;bakım;27.11.2026 09:00;27.11.2026 17:00;\n"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def operator(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.operator) as browser:
        await browser.open(IMPORT)
        yield browser


async def sent(browser: Browser, content: str | bytes, name: str = "kesintiler.csv") -> httpx.Response:
    data = content.encode() if isinstance(content, str) else content
    return await browser.post(IMPORT, data={"csrf": browser.csrf}, files={"file": (name, data)})


async def looked_at(browser: Browser, content: str | bytes, name: str = "kesintiler.csv") -> tuple[str, str]:
    """The preview's address and page."""
    answer = await sent(browser, content, name)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = await browser.open(path)
    assert page.status_code == 200
    return path, page.text


def digest(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found, page
    return found[1]


async def count(world: ConsoleWorld) -> int:
    async with world.office.db.reading() as session:
        return await session.scalar(select(func.count()).select_from(Outage)) or 0


async def test_nothing_is_saved_before_it_is_confirmed(world: ConsoleWorld, operator: Browser) -> None:
    path, page = await looked_at(operator, TWO)
    assert "Bu 2 değişikliği kaydet" in page
    assert "Gebze / Barış" in page
    assert "Körfez (bütün ilçe)" in page
    assert await count(world) == 0
    assert (await operator.submit(path, digest=digest(page))).headers["location"] == f"{IMPORT}?done=imported"
    assert await count(world) == 2
    assert (await operator.get(path)).status_code == 404
    _, again = await looked_at(operator, TWO)
    assert "yeni bir şey yok" in again
    assert 'name="digest"' not in again


async def test_a_changed_row_shows_what_it_was_and_what_it_becomes(world: ConsoleWorld, operator: Browser) -> None:
    path, page = await looked_at(operator, TWO)
    await operator.submit(path, digest=digest(page))
    path, page = await looked_at(operator, TWO.replace("18:00", "19:30"))
    assert "Bu 1 değişikliği kaydet" in page
    assert re.search(r"<del>[^<]*18:00[^<]*</del> → <ins>[^<]*19:30", page)
    only = (await operator.open(f"{path}?show=changed")).text
    assert "A-1" in only
    assert "A-2" not in only


async def test_bad_rows_say_why_and_keep_the_whole_file_out(world: ConsoleWorld, operator: Browser) -> None:
    path, page = await looked_at(operator, GOOD + "A-3;Gebzee;;arıza;;25.11.2026 11:00;;\nA-4;Gebze;;;;yarın;;\n")
    assert "2 satırda hata var" in page
    assert "&#39;Gebzee&#39; adlı bir ilçe yok. Gebze mi demek istediniz?" in page
    assert "&#39;yarın&#39; tarih ve saat değil" in page
    assert '<td class="figure">4</td>' in page
    assert 'name="digest"' not in page
    assert (await operator.submit(path, digest="0" * 64)).status_code in (409, 422)
    assert await count(world) == 0


async def test_an_english_reader_reads_the_reasons_in_english(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, "john") as john:
        await john.submit("/console/language", language="en")
        await john.open(IMPORT)
        _, page = await looked_at(john, GOOD + "A-3;Gebzee;;arıza;;25.11.2026 11:00;;\n")
        assert "There is no district &#39;Gebzee&#39;. Did you mean Gebze?" in page
        refused = await sent(john, "a;b\n1;2\n")
        assert "The first line lacks the column ilçe, başlangıç" in refused.text


async def test_a_change_by_somebody_else_leads_to_a_new_look(world: ConsoleWorld, operator: Browser) -> None:
    first, page = await looked_at(operator, GOOD)
    await operator.submit(first, digest=digest(page))
    path, page = await looked_at(operator, GOOD.replace("18:00", "19:30"))
    async with world.office.db.session() as session:
        outage = (await session.scalars(select(Outage))).one()
        await OutageService(session, world.clock, "ali").change(outage.id, expected_end=START + 9 * HOUR)
        await session.commit()
    answer = await operator.submit(path, digest=digest(page))
    assert answer.status_code == 409
    assert "Siz baktıktan sonra dosya ya da kesintiler değişti; kaydedilmedi." in answer.text
    assert "<del>bugün 21:00" in answer.text
    async with world.office.db.reading() as session:
        assert (await session.scalars(select(Outage))).one().expected_end == START + 9 * HOUR
    assert (await operator.submit(path, digest=digest(answer.text))).status_code == 303


async def test_a_file_belongs_to_the_session_that_sent_it(world: ConsoleWorld, operator: Browser) -> None:
    path, page = await looked_at(operator, GOOD)
    async with world.browser(Role.operator, "other") as other:
        await other.open(IMPORT)
        assert (await other.get(path)).status_code == 404
        assert (await other.submit(path, digest=digest(page))).status_code == 404
        assert (await other.submit(f"{path}/drop")).status_code == 404
    assert (await operator.submit(f"{path}/drop")).status_code == 303
    assert (await operator.get(path)).status_code == 404
    assert await count(world) == 0


async def test_a_second_file_takes_the_place_of_the_first(operator: Browser) -> None:
    first, _ = await looked_at(operator, GOOD)
    await looked_at(operator, TWO)
    assert (await operator.get(first)).status_code == 404


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04not a zip", b"a;b\n1;2\n", b"x" * 5_000_001])
async def test_what_is_no_file_of_outages_is_refused(operator: Browser, content: bytes) -> None:
    answer = await sent(operator, content, "kesinti.xlsx")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_an_endless_upload_is_cut_off(operator: Browser) -> None:
    assert (await sent(operator, b"x" * 13_000_000)).status_code == 413


async def test_markup_in_rows_stays_text(operator: Browser) -> None:
    rows = GOOD.replace("A-1", '"<script>alert(1)</script>"').replace(
        "18:00;\n", "18:00;<img src=x onerror=alert(2)>\n<script>;<b>;;;;;;\n"
    )
    _, page = await looked_at(operator, rows, "<script>alert(3)</script>.csv")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_is_exported_can_be_imported_and_changes_nothing(
    world: ConsoleWorld, operator: Browser, form: str
) -> None:
    rows = read_outages(TWO.encode())
    await import_outages(world.office.db, rows, actor="ayse", now=world.clock)
    table = await operator.get(f"{IMPORT}/export.{form}?all=true")
    assert table.status_code == 200
    assert f'filename="kesintiler.{form}"' in table.headers["content-disposition"]
    _, page = await looked_at(operator, table.content, f"kesintiler.{form}")
    assert "yeni bir şey yok" in page
    assert '<span class="badge ">2</span>' in page.replace('"badge"', '"badge "')
