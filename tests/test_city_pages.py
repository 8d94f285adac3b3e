"""The public page as citizens meet it: found by name, true at any moment, permanent, safe, quick to be current."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from outages.models import Area
from storage.database import Database
from tests.city_world import ADDRESS, CityWorld, city_world
from tests.outage_world import HOUR, START, fault

HOSTILE = "\"><script>alert(1)</script><!-- ]]> ' onmouseover=x"


@pytest.fixture
async def world(db: Database) -> AsyncIterator[CityWorld]:
    async with city_world(db) as world:
        yield world


def visible(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_an_area_tells_now_next_and_lately_in_both_languages(world: CityWorld) -> None:
    places = world.places
    await world.record(replace(fault(places.yeni), tanker_points="Cumhuriyet Meydanı", crew="on_site"))
    await world.record(fault(places.yeni, starts=START + 30 * HOUR, expected_end=START + 34 * HOUR))
    lately = await world.record(fault(places.yeni, starts=START - 5 * HOUR, expected_end=None))
    await world.do("end", lately.id, START - HOUR)
    turkish = visible(await world.text("/gebze/yeni-mahalle"))
    for said in (
        "Gebze, Yeni Mahalle",
        "Su kesintisi var: şebeke arızası",
        "bugün 11:00",
        "Beklenen bugün 20:00",
        "Ekiplerimiz olay yerinde.",
        "Cumhuriyet Meydanı",
        "Planlanan kesintiler",
        "yarın 18:00",
        "Suyu yeni verilen",
    ):
        assert said in turkish, said
    english = await world.web.get("/en/gebze/yeni-mahalle")
    assert "The water is off: a fault in the network" in visible(english.text)
    assert english.headers["Content-Language"] == "en"
    assert '<html lang="en">' in english.text
    assert 'href="/gebze/yeni-mahalle"' in english.text
    assert 'href="tel:185"' in english.text


async def test_a_passed_estimate_is_said_to_have_passed(world: CityWorld) -> None:
    await world.record(fault(world.places.yeni, expected_end=START + HOUR))
    assert "Tahmini süre geçti" not in await world.text("/gebze/yeni-mahalle")
    world.clock.forward(HOUR)
    said = visible(await world.text("/gebze/yeni-mahalle"))
    assert "Tahmini süre geçti, çalışma sürüyor" in said
    assert "Beklenen bugün" not in said


async def test_a_draft_is_seen_by_nobody(world: CityWorld) -> None:
    draft = await world.record(replace(fault(world.places.yeni), announcement_tr="gizli"), draft=True)
    for path in ("/", "/gebze", "/gebze/yeni-mahalle", "/?q=yeni", "/en/"):
        assert "gizli" not in await world.text(path)
    assert "gizli" not in await world.text(f"/kesinti/{draft.id}", 404)


async def test_a_publication_is_seen_at_once(world: CityWorld) -> None:
    assert "bilinen bir su kesintisi yok" in await world.text("/gebze/yeni-mahalle")
    outage = await world.record(fault(world.places.yeni))
    assert "Su kesintisi var" in await world.text("/gebze/yeni-mahalle")
    assert "Su kesintisi: Gebze (Yeni Mahalle)" in await world.text(f"/kesinti/{outage.id}")
    await world.do("cancel", outage.id)
    assert "bilinen bir su kesintisi yok" in await world.text("/gebze/yeni-mahalle")
    assert "iptal edildi" in await world.text(f"/kesinti/{outage.id}")


async def test_districts_list_their_neighbourhoods(world: CityWorld) -> None:
    await world.record(fault(world.places.yeni))
    said = visible(await world.text("/gebze"))
    assert "Barış Bilinen kesinti yok Yeni Mahalle Su kesik" in said
    home = visible(await world.text("/"))
    assert "Gebze Bir kısmında su kesik" in home
    await world.record(fault(world.places.korfez))
    assert "Yeni Mahalle Su kesik" in visible(await world.text("/korfez"))


@pytest.mark.parametrize("typed", ["gebze yeni", "GEBZE YENİ MAH.", "yeni gebze", "Gebze/Yeni"])
async def test_a_single_hit_is_answered_on_the_spot(world: CityWorld, typed: str) -> None:
    await world.record(fault(world.places.yeni))
    answer = await world.web.get("/", params={"q": typed})
    assert answer.status_code == 200
    assert "Su kesintisi var" in answer.text
    assert 'href="/gebze/yeni-mahalle"' in answer.text
    assert 'content="noindex"' in answer.text


async def test_several_hits_are_offered_and_none_is_said(world: CityWorld) -> None:
    several = (await world.web.get("/", params={"q": "yeni"})).text
    assert "Hangisi?" in several
    assert 'href="/gebze/yeni-mahalle"' in several
    assert 'href="/korfez/yeni-mahalle"' in several
    nothing = await world.web.get("/", params={"q": "Atlantis"})
    assert nothing.status_code == 200
    assert "“Atlantis” adında bir yer bulunamadı" in nothing.text
    assert 'href="/gebze"' in nothing.text


@pytest.mark.parametrize("typed", [HOSTILE, "a" * 5000, "\x00\x1f", "%00", "İ" * 60, "{{ 7*7 }}", "' OR 1=1 --", ""])
async def test_what_is_typed_harms_nobody(world: CityWorld, typed: str) -> None:
    answer = await world.web.get("/", params={"q": typed})
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "onmouseover=x" not in re.sub(r'value="[^"]*"', "", answer.text).replace("&#39; onmouseover=x", "")
    assert len(answer.text) < 20_000


async def test_operators_texts_are_never_markup(world: CityWorld) -> None:
    facts = replace(
        fault(world.places.yeni),
        areas={world.places.yeni: HOSTILE},
        tanker_points=HOSTILE,
        announcement_tr=HOSTILE,
        announcement_en=HOSTILE,
    )
    outage = await world.record(facts)
    for path in ("/", "/gebze", "/gebze/yeni-mahalle", "/en/gebze/yeni-mahalle", f"/kesinti/{outage.id}", "/?q=yeni"):
        assert "<script" not in await world.text(path)


async def test_every_page_is_safe_and_cacheable(world: CityWorld) -> None:
    for path in ("/", "/en/", "/gebze", "/gebze/yeni-mahalle", "/?q=x", "/feeds", "/kesinti/1"):
        answer = await world.web.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age=10" in answer.headers["Cache-Control"]
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert " style=" not in answer.text


async def test_addresses_outlive_renaming_and_merging(world: CityWorld) -> None:
    merged = await world.web.get("/gebze/sulh")
    assert (merged.status_code, merged.headers["Location"]) == (308, "/gebze/baris")
    async with world.db.session() as session:
        area = await session.get_one(Area, world.places.yeni)
        area.name = "Cumhuriyet"
        await session.commit()
    await world.look()
    renamed = await world.web.get("/en/gebze/yeni-mahalle")
    assert (renamed.status_code, renamed.headers["Location"]) == (308, "/en/gebze/cumhuriyet")
    assert "Cumhuriyet" in await world.text("/gebze/cumhuriyet")


async def test_two_areas_of_one_name_have_two_addresses_for_good(world: CityWorld) -> None:
    async with world.db.session() as session:
        twin = Area(
            kind="neighbourhood", name="Barıs", spoken="x", district_id=world.places.gebze, search_key="x", keypad="2",
            number=100, active=True,
        )  # fmt: skip
        session.add(twin)
        await session.commit()
    await world.look()
    assert "Gebze, Barış" in await world.text("/gebze/baris"), "who came first keeps the address"
    assert "Gebze, Barıs" in await world.text("/gebze/baris-100")


@pytest.mark.parametrize("path", ["/gebze/", "/Gebze", "/GEBZE/Yeni%20Mahalle", "/gebze/yeni_mahalle/"])
async def test_an_address_typed_by_hand_leads_to_the_right_one(world: CityWorld, path: str) -> None:
    answer = await world.web.get(path)
    assert answer.status_code == 308
    assert answer.headers["Location"] in ("/gebze", "/gebze/yeni-mahalle")


@pytest.mark.parametrize("path", ["/atlantis", "/gebze/atlantis", "/gebze/a/b/c/d", "/en/x", "/feeds/x.atom", "/x%00"])
async def test_other_addresses_are_left_to_others(world: CityWorld, path: str) -> None:
    assert (await world.web.get(path)).status_code == 404


async def test_old_information_says_so(world: CityWorld) -> None:
    await world.record(fault(world.places.yeni))
    assert "en son" not in await world.text("/gebze/yeni-mahalle")
    world.clock.forward(timedelta(hours=2))
    assert "Bilgiler en son 2 saat önce güncellendi" in await world.text("/gebze/yeni-mahalle")


async def test_an_emergency_stands_above_everything_until_it_ends(world: CityWorld) -> None:
    await world.do("announce", "Suyu <b>kaynatmadan</b> içmeyin.", START + HOUR, district_id=world.places.korfez)
    assert "Suyu &lt;b&gt;kaynatmadan" in await world.text("/korfez/yeni-mahalle")
    assert "kaynatmadan" not in await world.text("/gebze")
    world.clock.forward(HOUR)
    assert "kaynatmadan" not in await world.text("/korfez/yeni-mahalle")


async def test_search_engines_are_led_to_every_area(world: CityWorld) -> None:
    robots = await world.text("/robots.txt")
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in robots
    listed = re.findall(r"<loc>([^<]+)</loc>", await world.text("/sitemap.xml"))
    assert f"{ADDRESS}/gebze/yeni-mahalle" in listed
    for address in listed:
        assert (await world.web.get(address.removeprefix(ADDRESS))).status_code == 200, address


async def test_demonstrations_are_labelled(world: CityWorld) -> None:
    outage = await world.record(fault(world.places.yeni), source="demo")
    for path in ("/gebze/yeni-mahalle", f"/kesinti/{outage.id}"):
        assert "Deneme kaydı" in await world.text(path)
        assert "Demonstration" in await world.text(f"/en{path}")


async def test_a_change_elsewhere_makes_no_page_anew(world: CityWorld) -> None:
    await world.record(fault(world.places.korfez_yeni))
    before = await world.web.get("/korfez/yeni-mahalle")
    world.clock.forward(timedelta(seconds=90))
    outage = await world.record(fault(world.places.yeni))
    assert (await world.web.get("/korfez/yeni-mahalle")).headers["ETag"] == before.headers["ETag"]
    assert "Su kesintisi var" in await world.text("/gebze/yeni-mahalle")
    await world.do("end", outage.id)
    assert "Su verildi" in await world.text("/gebze/yeni-mahalle")
    world.clock.forward(timedelta(seconds=361))
    assert (await world.web.get("/korfez/yeni-mahalle")).headers["ETag"] != before.headers["ETag"], "it tells its time"


async def test_today_becomes_yesterday_at_midnight(world: CityWorld) -> None:
    world.clock.moment = START + 11 * HOUR + timedelta(minutes=59)
    await world.record(fault(world.places.yeni, expected_end=None))
    assert "bugün 11:00" in await world.text("/gebze/yeni-mahalle")
    world.clock.forward(timedelta(minutes=1))
    assert "dün 11:00" in await world.text("/gebze/yeni-mahalle")


async def test_many_who_ask_at_once_get_the_same_feed(world: CityWorld) -> None:
    await world.record(fault(world.places.yeni))
    answers = await asyncio.gather(*(world.web.get("/feeds/outages.ics") for _ in range(20)))
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].status_code == 200
