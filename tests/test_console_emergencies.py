"""Emergency broadcasts and the mass-call mode: two deliberate steps, an end, visible everywhere, and kept."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from people import audit
from people.roles import Role
from storage.database import Database
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.outage_world import HOUR, START

HERE = "/console/emergencies"
TEXT = "Ana hat patladı. 14:30'a kadar suyu kaynatmadan içmeyin."


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def publisher(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.publisher) as browser:
        await browser.open(HERE)
        yield browser


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    found = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', page, re.S)
    assert found, page
    return {name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', found[1]) if name != "csrf"}


async def confirmed(browser: Browser, **fields: str) -> dict[str, str]:
    page = await browser.submit(f"{HERE}/confirm", **{"text_tr": TEXT, "until": "3 saat", **fields})
    assert page.status_code == 200
    return form_of(page.text, f"{HERE}/air") | {"text_tr": TEXT}  # it holds an apostrophe


async def test_the_second_step_shows_exactly_what_will_be_heard(world: ConsoleWorld, publisher: Browser) -> None:
    page = await publisher.submit(
        f"{HERE}/confirm", text_tr=TEXT, until="3 saat", district=str(world.places.gebze), text_en="Boil your water."
    )
    assert re.search("Önemli duyuru. Ana hat patladı. [Oo]n dört buçuğa kadar", page.text)
    assert "An important announcement. Boil your water." in page.text
    assert "Gebze ilçesinden arayanlar" in page.text
    assert "bugün 15:00" in page.text
    seconds = [int(found) for found in re.findall(r"(\d+) saniye</span>", page.text)]
    assert len(seconds) == 2
    assert all(2 <= each <= 20 for each in seconds)
    sounds = re.findall(r'<audio [^>]*src="([^"]+)"', page.text)
    assert len(sounds) == 2
    heard = await publisher.get(sounds[0].replace("&amp;", "&"))
    assert (heard.status_code, heard.content[:4]) == (200, b"RIFF")
    assert abs(len(heard.content) / 32_000 - seconds[0]) < 1
    assert (await world.heard()).broadcasts == ()


async def test_a_broadcast_goes_on_air_is_seen_everywhere_and_ends(world: ConsoleWorld, publisher: Browser) -> None:
    fields = await confirmed(publisher)
    assert (await publisher.submit(f"{HERE}/air", **fields)).status_code == 303
    held = (await world.heard()).broadcasts[0]
    assert (held.text, held.district_id, held.ends) == ({"tr": TEXT}, None, START + 3 * HOUR)
    for path in ("/console", "/console/phone-pages", HERE):
        page = (await publisher.open(path)).text
        assert "Acil duyuru yayında: bütün şehir" in page
        assert "bitiş bugün 15:00" in page
    await publisher.submit(f"{HERE}/{held.id}/extend", until="bugün 18:00")
    assert (await world.heard()).broadcasts[0].ends == START + 6 * HOUR
    await publisher.submit(f"{HERE}/{held.id}/end")
    assert (await world.heard()).broadcasts_now(world.clock()) == []
    assert "Acil duyuru yayında" not in (await publisher.open("/console")).text
    page = (await publisher.open(HERE)).text
    assert "Önceki duyurular" in page
    assert "<td>publisher</td>" in page
    async with world.office.db.reading() as session:
        done = [entry.what for entry in await audit.entries(session, subject=f"broadcast:{held.id}")]
    assert done == ["broadcast_ended", "broadcast_changed", "broadcast_made"]


async def test_no_step_can_be_left_out(world: ConsoleWorld, publisher: Browser) -> None:
    """Whatever does not match what this person was just shown leads to the page that shows it."""
    fields = await confirmed(publisher)
    ends = fields["ends"]
    for change in (
        {"seal": ""},
        {"seal": "1.0"},
        {"seal": f"{int(START.timestamp())}.{'0' * 64}"},
        {"text_tr": "Su yok."},
        {"text_en": "No water."},
        {"district": str(world.places.gebze)},
        {"ends": ends.replace("12:00", "20:00")},
        {"ends": ""},
    ):
        answer = await publisher.submit(f"{HERE}/air", **(fields | change))
        assert (answer.status_code, "Henüz yayında değil" in answer.text) == (200, True), change
    async with world.browser(Role.publisher, "other") as other:
        await other.open(HERE)
        assert "Henüz yayında değil" in (await other.submit(f"{HERE}/air", **fields)).text
    world.clock.forward(timedelta(minutes=16))
    assert "Henüz yayında değil" in (await publisher.submit(f"{HERE}/air", **fields)).text
    assert (await world.heard()).broadcasts == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"until": ""}, "Zamanı yazın"),
        ({"until": "bugün 08:00"}, "ileride olmalı"),
        ({"text_tr": ""}, "Türkçesini yazın"),
        ({"text_tr": "çok " * 200}, "Türkçe metin: Söylenmesi yaklaşık 61 saniye sürer; en çok 30 saniyeye kısaltın."),
        ({"text_en": "Read www.a.tr/b"}, "İngilizce metin: “www.a.tr/b” telefonda anlaşılmaz"),
        ({"district": "999999"}, "Böyle bir yer yok"),
    ],
)
async def test_what_cannot_go_on_air_is_told_and_nothing_typed_is_lost(
    world: ConsoleWorld, publisher: Browser, fields: dict[str, str], said: str
) -> None:
    sent = {"text_tr": TEXT, "text_en": "Boil your water.", "until": "3 saat"} | fields
    answer = await publisher.submit(f"{HERE}/confirm", **sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert sent["text_en"] in answer.text
    assert (await world.heard()).broadcasts == ()


async def test_doubts_about_a_text_are_shown_and_it_can_be_corrected(publisher: Browser) -> None:
    page = await publisher.submit(f"{HERE}/confirm", text_tr="Ayrıntı için FRM arayın.", until="1 saat")
    assert "“FRM” harf harf okunur" in page.text
    back = await publisher.submit(f"{HERE}/write", **form_of(page.text, f"{HERE}/write"))
    assert "Ayrıntı için FRM arayın.</textarea>" in back.text
    assert 'value="1 saat"' in back.text


async def test_markup_in_a_broadcast_stays_text(world: ConsoleWorld, publisher: Browser) -> None:
    text = "<script>alert(1)</script> su yok"
    page = await publisher.submit(f"{HERE}/confirm", text_tr=text, until="1 saat")
    assert "<script>alert" not in page.text
    fields = form_of(page.text, f"{HERE}/air") | {"text_tr": text}
    assert (await publisher.submit(f"{HERE}/air", **fields)).status_code == 303
    await world.heard()
    for path in (HERE, "/console", "/console/alerts"):
        page = await publisher.open(path)
        assert "&lt;script&gt;" in page.text
        assert "<script>alert" not in page.text


async def test_the_mass_call_mode_takes_two_steps_and_an_end(world: ConsoleWorld, publisher: Browser) -> None:
    refused = await publisher.submit(f"{HERE}/mass-call/confirm", until="")
    assert refused.status_code == 422
    too_long = await publisher.submit(f"{HERE}/mass-call/confirm", until="30 saat")
    assert "24 saat" in too_long.text
    skipped = await publisher.submit(f"{HERE}/mass-call/on", until="2 saat", ends=str((START + HOUR).timestamp()))
    assert "Henüz açık değil" in skipped.text
    page = await publisher.submit(f"{HERE}/mass-call/confirm", until="2 saat")
    assert "Hatlarımız çok yoğun" in page.text
    assert not (await world.heard()).mass_call
    fields = form_of(page.text, f"{HERE}/mass-call/on")
    assert (await publisher.submit(f"{HERE}/mass-call/on", **fields)).status_code == 303
    board = await world.heard()
    assert board.mass_call_at(world.clock())
    assert board.mass_call_until == START + 2 * HOUR
    assert "Yoğunluk kipi açık" in (await publisher.open("/console")).text
    await publisher.submit(f"{HERE}/mass-call/off")
    assert not (await world.heard()).mass_call
    history = (await publisher.open(HERE)).text
    assert "açıldı" in history
    assert "kapatıldı" in history


async def test_a_mode_whose_end_has_come_is_shown_no_more(world: ConsoleWorld, publisher: Browser) -> None:
    page = await publisher.submit(f"{HERE}/mass-call/confirm", until="2 saat")
    await publisher.submit(f"{HERE}/mass-call/on", **form_of(page.text, f"{HERE}/mass-call/on"))
    await world.heard()
    world.clock.forward(2 * HOUR)
    async with world.browser(Role.publisher, "later") as later:
        assert "Yoğunluk kipi açık" not in (await later.open("/console")).text


async def test_viewers_see_what_is_on_air_and_no_buttons(world: ConsoleWorld, publisher: Browser) -> None:
    await publisher.submit(f"{HERE}/air", **await confirmed(publisher))
    await world.heard()
    async with world.browser(Role.viewer) as viewer:
        page = (await viewer.open(HERE)).text
        assert "Ana hat patladı" in page
        assert f'action="{HERE}/' not in page
        sound = re.search(r'<audio [^>]*src="([^"]+)"', page)
        assert sound
        assert (await viewer.get(sound[1].replace("&amp;", "&"))).status_code == 200
