"""The information pages of the phone menu: written with a preview, heard on the line, restored, kept."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from people import audit
from people.roles import Role
from storage.database import Database
from tests.console_world import Browser, ConsoleWorld, console_world

PAGES = "/console/phone-pages"
BILL = f"{PAGES}/info.bill/tr"
TEXT = "Faturanızı 153'ü arayarak da öğrenebilirsiniz."


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def publisher(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.publisher) as browser:
        await browser.open(PAGES)
        yield browser


async def test_every_page_is_shown_as_callers_hear_it_in_both_languages(publisher: Browser) -> None:
    page = (await publisher.open(PAGES)).text
    assert page.count("<audio") == 12
    assert "Faturanızı internet sitemizden" in page
    assert "WhatsApp" in page


async def test_a_page_is_written_heard_and_restored(world: ConsoleWorld, publisher: Browser) -> None:
    shipped = (await publisher.open(BILL)).text
    assert "Hiç değiştirilmedi" in shipped
    assert (await publisher.submit(BILL, text=TEXT, revision="0")).status_code == 303
    assert (await world.heard()).pages == {"info.bill": {"tr": TEXT}}
    written = (await publisher.open(BILL)).text
    assert "yüz elli üç" in written
    assert "publisher" in written
    assert "publisher yazdı" in (await publisher.open(PAGES)).text
    assert (await publisher.submit(f"{BILL}/restore", revision="1")).status_code == 303
    assert (await world.heard()).pages == {}
    assert "Özgün metne dönüldü." in (await publisher.open(BILL)).text
    async with world.office.db.reading() as session:
        assert len(await audit.entries(session, subject="page:info.bill:tr")) == 2


async def test_the_preview_tells_how_it_is_spoken_and_saves_nothing(world: ConsoleWorld, publisher: Browser) -> None:
    live = await publisher.post(
        f"{BILL}/preview", data={"text": TEXT}, headers={"HX-Request": "true", "X-CSRF-Token": publisher.csrf}
    )
    assert "yüz elli üç" in live.text
    assert "<html" not in live.text
    assert re.search(r"yaklaşık \d+ saniye", live.text)
    whole = await publisher.submit(f"{BILL}/preview", text=TEXT)
    assert "<html" in whole.text
    assert re.search(r'<span class="badge">\d+ saniye', whole.text)
    sound = re.search(r'id="heard".*?<audio [^>]*src="([^"]+)"', whole.text, re.S)
    assert sound
    assert (await publisher.get(sound[1].replace("&amp;", "&"))).content[:4] == b"RIFF"
    assert (await world.heard()).pages == {}


async def test_who_writes_on_top_of_somebody_elses_is_told_and_loses_nothing(
    world: ConsoleWorld, publisher: Browser
) -> None:
    await publisher.submit(BILL, text=TEXT, revision="0")
    late = await publisher.submit(BILL, text="Benim metnim.", revision="0")
    assert late.status_code == 422
    assert "Benim metnim.</textarea>" in late.text
    assert (await world.heard()).pages["info.bill"]["tr"] == TEXT


@pytest.mark.parametrize("text", ["", "çok " * 200, "https://www.isu.gov.tr/fatura adresine bakın."])
async def test_what_callers_could_not_follow_is_refused(world: ConsoleWorld, publisher: Browser, text: str) -> None:
    assert (await publisher.submit(BILL, text=text, revision="0")).status_code == 422
    assert (await world.heard()).pages == {}


async def test_markup_in_a_page_stays_text(world: ConsoleWorld, publisher: Browser) -> None:
    text = "</textarea><script>alert(1)</script> fatura"
    assert (await publisher.submit(BILL, text=text, revision="0")).status_code == 303
    await world.heard()
    for path in (BILL, PAGES):
        page = (await publisher.open(path)).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page


async def test_there_are_no_other_pages(publisher: Browser) -> None:
    assert (await publisher.open(f"{PAGES}/welcome.short/tr")).status_code == 404
    assert (await publisher.open(f"{PAGES}/info.bill/de")).status_code == 422
    assert (await publisher.submit(f"{PAGES}/welcome.short/tr", text="x")).status_code == 404


async def test_viewers_read_and_cannot_write(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as viewer:
        page = (await viewer.open(BILL)).text
        assert "Faturanızı internet sitemizden" in page
        assert "<textarea" not in page
