"""Subscribers in the console: found, looked at, merged, taken in, given out and erased, by those who may, and noted."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from outages.service import OutageService
from people import audit
from people.roles import Duty, Role
from storage.database import Database
from subscribers.service import Subscribers
from tests.console_world import SECRET, Browser, ConsoleWorld, console_world
from tests.outage_world import fault
from tests.subscriber_world import AYSE, MEHMET, SHARED_PHONE, add_subscribers, facts

SUBSCRIBERS, IMPORT = "/console/subscribers", "/console/subscribers/import"
HEAD = "Abone No;Ad Soyad;Telefon;İlçe;Mahalle\n"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        await add_subscribers(
            db,
            facts(area_id=made.places.yeni),
            facts(MEHMET, name="Mehmet Yılmaz", phones=(SHARED_PHONE,), area_id=made.places.korfez_yeni),
        )
        yield made


@pytest.fixture
async def agent(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.viewer, "agent", [Duty.personal]) as browser:
        yield browser


@pytest.fixture
async def keeper(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.administrator, "keeper") as browser:
        yield browser


async def noted(world: ConsoleWorld) -> list[tuple[str, str, dict[str, object]]]:
    async with world.office.db.reading() as session:
        entries = await audit.entries(session)
    return [(entry.what, entry.subject, entry.detail) for entry in entries if "signed" not in entry.what]


async def test_they_are_found_by_number_telephone_and_name(agent: Browser) -> None:
    for query in ({"number": AYSE}, {"phone": "0532 123 45 67"}, {"name": "ayşe"}):
        page = (await agent.open(SUBSCRIBERS, **query)).text
        assert "Ayşe Yılmaz" in page
        assert "Gebze / Yeni Mahalle" in page
        assert "Mehmet" not in page
    both = (await agent.open(SUBSCRIBERS, name="yılmaz")).text
    assert "Mehmet" in both
    there = (await agent.open(SUBSCRIBERS, name="yılmaz", area="Körfez")).text
    assert "Mehmet" in there
    assert "Ayşe" not in there


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"number": "1111111"}, 200, "Böyle bir abone bulunamadı"),
        ({"phone": "abc"}, 422, "bir telefon numarası yazın"),
        ({"name": "yılmaz", "area": "Atlantis"}, 422, "Böyle bir yer yok"),
        ({"name": "<script>alert(1)</script>"}, 200, "&lt;script&gt;"),
        ({}, 200, "Abone no"),
    ],
)
async def test_what_finds_nobody_is_said(agent: Browser, query: dict[str, str], status: int, said: str) -> None:
    answer = await agent.open(SUBSCRIBERS, **query)
    assert (answer.status_code, said in answer.text) == (status, True)


async def test_the_record_shows_the_water_there_and_all_contacts(world: ConsoleWorld, agent: Browser) -> None:
    async with world.office.db.session() as session:
        await OutageService(session, world.clock, "ayse").create(fault(world.places.yeni))
        await session.commit()
    await world.heard()
    page = (await agent.open(f"{SUBSCRIBERS}/record", number=AYSE)).text
    for told in ("Ayşe Yılmaz", AYSE, "+905321234567", "Okul Cad. 3", "S-77", "Şebeke arızası"):
        assert told in page
    assert "export.zip" not in page, "only administrators give out"


async def test_every_look_is_noted_without_a_number(world: ConsoleWorld, agent: Browser) -> None:
    await agent.open(SUBSCRIBERS, phone="0532 123 45 67")
    await agent.open(f"{SUBSCRIBERS}/record", number=AYSE)
    assert await noted(world) == [
        ("subscriber_seen", "subscriber:1", {"how": "number"}),
        ("subscriber_searched", "all-subscribers", {"how": "phone", "found": 1}),
        *(await noted(world))[2:],
    ]
    assert AYSE not in str(await noted(world))


async def test_nobody_without_the_duty_sees_anything_of_a_subscriber(world: ConsoleWorld) -> None:
    pages = (SUBSCRIBERS, f"{SUBSCRIBERS}/record?number={AYSE}", f"{SUBSCRIBERS}/1/export.json", IMPORT)
    for role in Role:
        async with world.browser(role, f"no-{role}", set(Duty) - {Duty.personal}) as browser:
            for path in pages:
                answer = await browser.get(path)
                assert answer.status_code == 403, (role, path)
                assert "Ayşe" not in answer.text
            assert SUBSCRIBERS not in (await browser.open("/console")).text
    async with world.browser(Role.publisher, "publisher-with", [Duty.personal]) as browser:
        assert (await browser.get(SUBSCRIBERS)).status_code == 200
        assert (await browser.get(f"{SUBSCRIBERS}/1/export.json")).status_code == 403


async def test_a_consent_is_written_down(world: ConsoleWorld, agent: Browser) -> None:
    told = {"channel": "line", "purpose": "known_area", "source": "phone"}
    for given in ("yes", "no"):
        answer = await agent.submit(f"{SUBSCRIBERS}/1/consent", given=given, **told)
        assert answer.status_code == 303
    page = (await agent.open(f"{SUBSCRIBERS}/record", number=AYSE)).text
    assert "numarasından yerini bilmek" in page
    async with world.office.db.reading() as session:
        history = await Subscribers(session, world.clock, SECRET).consent_history(1)
    assert [(each.given, each.who) for each in history] == [(True, "agent"), (False, "agent")]


async def test_a_duplicate_is_merged(agent: Browser) -> None:
    wrong = await agent.submit(f"{SUBSCRIBERS}/2/merge", into="1111111")
    assert wrong.status_code == 422
    assert "Kalacak olan öteki kaydın numarasını yazın" in wrong.text
    merged = await agent.submit(f"{SUBSCRIBERS}/2/merge", into=AYSE)
    assert merged.headers["location"].startswith(f"{SUBSCRIBERS}/record?number={AYSE}")
    page = (await agent.open(f"{SUBSCRIBERS}/record", number=MEHMET)).text
    assert SHARED_PHONE in page
    assert "Ayşe Yılmaz" in page


async def test_all_that_is_held_is_given_out(world: ConsoleWorld, keeper: Browser) -> None:
    plain = await keeper.get(f"{SUBSCRIBERS}/1/export.json")
    assert json.loads(plain.content)["subscriber"][0]["number"] == AYSE
    assert plain.headers["Cache-Control"] == "private, no-store"
    packed = await keeper.get(f"{SUBSCRIBERS}/1/export.zip")
    assert "everything.json" in zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert (await noted(world))[0][:2] == ("person_exported", "subscriber:1")


async def test_erasing_takes_the_number_typed_once_more(world: ConsoleWorld, keeper: Browser) -> None:
    refused = await keeper.submit(f"{SUBSCRIBERS}/1/erase", number=MEHMET)
    assert refused.status_code == 422
    assert "Silmeyi onaylamak için" in refused.text
    done = await keeper.submit(f"{SUBSCRIBERS}/1/erase", number=f" {AYSE} ")
    assert done.status_code == 200
    assert "Kişisel veriler silindi" in done.text
    assert (await keeper.get(f"{SUBSCRIBERS}/record", params={"number": AYSE})).status_code == 422
    assert (await noted(world))[0][:2] == ("person_erased", "subscriber:1")


async def sent(browser: Browser, content: str | bytes) -> httpx.Response:
    data = content.encode() if isinstance(content, str) else content
    await browser.open(IMPORT)
    return await browser.post(IMPORT, data={"csrf": browser.csrf}, files={"file": ("aboneler.csv", data)})


async def test_every_row_of_a_list_is_looked_at_before_the_good_ones_are_kept(
    world: ConsoleWorld, keeper: Browser
) -> None:
    rows = f"{AYSE};Ayşe Demir;05321234567;Gebze;Yeni Mahalle\n7777777;Yeni Abone;;Gebze;Barış\n12;Hatalı;;;\n"
    answer = await sent(keeper, HEAD + rows)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = (await keeper.open(path)).text
    assert "<del>Ayşe Yılmaz</del> → <ins>Ayşe Demir</ins>" in page
    assert "1 satır hatalı" in page
    assert "4–15 rakam olmalı" in page
    only_bad = (await keeper.open(path, show="bad")).text
    assert "Yeni Abone" not in only_bad
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest
    saved = await keeper.submit(path, digest=digest[1])
    assert saved.headers["location"] == f"{IMPORT}?done=subscribers_imported"
    async with world.office.db.reading() as session:
        service = Subscribers(session, world.clock, SECRET)
        assert [found.name for found in await service.by_name("ayşe")] == ["Ayşe Demir"]
        assert await service.by_number("7777777")
    assert (await noted(world))[0] == ("subscribers_imported", "import:1", {"new": 1, "changed": 1, "bad": 1})


async def test_what_changed_since_it_was_looked_at_is_shown_anew(world: ConsoleWorld, keeper: Browser) -> None:
    path = (await sent(keeper, HEAD + "7777777;Yeni Abone;;Gebze;Barış\n")).headers["location"]
    digest = re.search(r'name="digest" value="(\w+)"', (await keeper.open(path)).text)
    assert digest
    await add_subscribers(world.office.db, facts("7777777", name="Başkası"))
    answer = await keeper.submit(path, digest=digest[1])
    assert answer.status_code == 409
    assert "Siz baktıktan sonra aboneler değişti" in answer.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Önce bir dosya seçin"),
        (b"ad;soyad\na;b\n", "abone no sütunu yok"),
        (b"PK\x03\x04broken", "XLSX dosyası okunamıyor"),
        (b"\0" * 50, "ne CSV ne XLSX"),
    ],
)
async def test_a_hostile_list_gets_one_sentence(keeper: Browser, data: bytes, said: str) -> None:
    answer = await sent(keeper, data)
    assert answer.status_code == 422
    assert said in answer.text
