"""The list of those who want to be told: with consent, confirmed, private, left by one button, told once each."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select

from city.crowd import Crowd
from notices.consent import PRESENT
from notices.endpoints import router
from notices.errors import NoticeError
from notices.models import NoticeRequest, State
from notices.recipients import to_be_told
from notices.service import MOST_PLACES, UNCONFIRMED, NoticeService, forget_unconfirmed
from outages.models import Area, Outage
from people.access import needs
from people.apikeys import ensure_api_key
from people.roles import Scope
from storage.database import Database
from storage.types import use_key
from tests.city_world import SECRET, CityWorld, Seconds, city_world
from tests.outage_world import HOUR, START, fault

NUMBER, OTHER, LANDLINE = "+905321234567", "+905329876543", "+902622345678"
AUTH = {"X-API-Key": "a-key-of-high-entropy"}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def key() -> None:
    use_key("a key of the tests")


@pytest.fixture
async def world(db: Database) -> AsyncIterator[CityWorld]:
    async with city_world(db) as world:
        yield world


async def ask(world: CityWorld, area: int, number: str = NUMBER, confirmed: bool = True, **more: Any) -> NoticeRequest:
    async with world.db.session() as session:
        service = NoticeService(session, world.clock, SECRET)
        given = {"way": "sms", "language": "tr", "source": "operator"} | more
        made = await service.ask(number, area, confirmed_by="ayse" if confirmed else None, **given)
        await session.commit()
        return made


async def requests(world: CityWorld) -> list[NoticeRequest]:
    async with world.db.reading() as session:
        return list(await session.scalars(select(NoticeRequest).order_by(NoticeRequest.id)))


# who is to be told


async def told(world: CityWorld, outage: Outage) -> list[tuple[str, tuple[int, ...]]]:
    async with world.db.reading() as session:
        found = await to_be_told(session, await session.get_one(Outage, outage.id))
    return sorted((each.number, each.area_ids) for each in found)


async def planned(world: CityWorld, *areas: int, draft: bool = False) -> Outage:
    facts = fault(*areas, starts=START + 24 * HOUR, expected_end=START + 30 * HOUR)
    return await world.record(replace(facts, kind="planned", cause="renewal"), draft=draft)


async def test_planned_work_is_told_to_those_of_its_places_once(world: CityWorld) -> None:
    p = world.places
    await ask(world, p.yeni)
    await ask(world, p.baris)
    await ask(world, p.gebze, OTHER)
    await ask(world, p.korfez_yeni, LANDLINE, way="call")
    assert await told(world, await planned(world, p.yeni, p.baris)) == [
        (NUMBER, (p.yeni, p.baris)),
        (OTHER, (p.gebze,)),
    ]
    assert await told(world, await planned(world, p.gebze)) == [(NUMBER, (p.yeni, p.baris)), (OTHER, (p.gebze,))]
    assert await told(world, await planned(world, p.korfez)) == [(LANDLINE, (p.korfez_yeni,))]


async def test_who_is_not_confirmed_and_what_is_not_planned_is_not_told(world: CityWorld) -> None:
    p = world.places
    await ask(world, p.yeni, confirmed=False)
    assert await told(world, await planned(world, p.yeni)) == []
    async with world.db.session() as session:
        service = NoticeService(session, world.clock, SECRET)
        await service.confirm((await requests(world))[0].id, "ayse")
        await session.commit()
    outage = await planned(world, p.yeni)
    assert len(await told(world, outage)) == 1
    assert await told(world, await world.record(fault(p.yeni))) == []
    assert await told(world, await planned(world, p.yeni, draft=True)) == []
    await world.do("cancel", outage.id)
    assert await told(world, outage) == []


async def test_a_merged_area_keeps_its_people(world: CityWorld) -> None:
    p = world.places
    await ask(world, p.yeni)
    async with world.db.session() as session:
        area = await session.get_one(Area, p.yeni)
        area.active, area.merged_into = False, p.baris
        await session.commit()
    assert await told(world, await planned(world, p.baris)) == [(NUMBER, (p.yeni,))]
    assert (await ask(world, p.merged, OTHER)).area_id == p.baris


# what is kept


async def test_the_number_is_unreadable_and_consent_is_proved(world: CityWorld) -> None:
    await ask(world, world.places.yeni, confirmed=False)
    (kept,) = await requests(world)
    assert (kept.number, kept.state, kept.consent_version, kept.consent_source, kept.consented) == (
        NUMBER, State.pending, PRESENT, "operator", START,
    )  # fmt: skip
    async with world.db.engine.connect() as connection:
        row = (await connection.exec_driver_sql("SELECT * FROM notice_requests")).one()
    assert not any("5321234567" in str(value) for value in row)


@pytest.mark.parametrize(
    ("number", "way", "code"),
    [
        ("12", "sms", "bad_number"),
        ("185", "call", "bad_number"),
        ("+4915112345678", "sms", "bad_number"),
        ("0900 123 45 67", "call", "bad_number"),
        ("0262 234 56 78", "sms", "not_mobile"),
        ("0532 123 45 67;ext=9", "sms", "bad_number"),
        ("0532 123 45 67" + " " * 50, "sms", "bad_number"),
        ("'; DROP TABLE", "sms", "bad_number"),
    ],
)
async def test_numbers_that_cannot_be_told_are_refused(world: CityWorld, number: str, way: str, code: str) -> None:
    with pytest.raises(NoticeError) as refused:
        await ask(world, world.places.yeni, number, way=way)
    assert refused.value.code == code


async def test_asked_twice_it_is_kept_once_and_stays_confirmed(world: CityWorld) -> None:
    await ask(world, world.places.yeni)
    await ask(world, world.places.yeni, "0532 123 45 67", confirmed=False, way="call")
    (kept,) = await requests(world)
    assert (kept.state, kept.way) == (State.confirmed, "call")


async def test_the_link_in_a_message_deletes_the_number_everywhere(world: CityWorld) -> None:
    first = await ask(world, world.places.yeni)
    await ask(world, world.places.korfez)
    await ask(world, world.places.yeni, OTHER)
    token = NoticeService(None, world.clock, SECRET).token(first)  # type: ignore[arg-type]
    for wrong in (
        "",
        "x",
        f"{first.id}-",
        f"{first.id}-{'0' * 32}",
        f"99-{token.split('-')[1]}",
        "٣-x",
        "9999999999-x",
        token[:-1],
    ):
        await world.web.post("/haber-ver/iptal", data={"t": wrong}, headers=OWN)
    assert "delete my number" in (await world.web.get(f"/en/haber-ver/iptal?t={token}")).text
    assert len(await requests(world)) == 3, "a program that opens every link ends nothing"
    left = await world.web.post("/haber-ver/iptal", data={"t": token}, headers=OWN)
    assert "silindi" in left.text
    assert [each.number for each in await requests(world)] == [OTHER]


async def test_what_nobody_confirms_is_forgotten(world: CityWorld) -> None:
    await ask(world, world.places.yeni, confirmed=False)
    await ask(world, world.places.yeni, OTHER)
    world.clock.forward(UNCONFIRMED)
    await forget_unconfirmed(world.db, world.clock)
    assert len(await requests(world)) == 2
    world.clock.forward(timedelta(seconds=1))
    await forget_unconfirmed(world.db, world.clock)
    assert [each.number for each in await requests(world)] == [OTHER]


# the form


async def filled(world: CityWorld, wait: int = 5, **changes: str) -> httpx.Response:
    """As a person fills it in: opened, read, sent."""
    page = (await world.web.get("/haber-ver?yer=gebze/yeni-mahalle")).text
    fields = dict(re.findall(r'name="(yer|stamp)" value="([^"]*)"', page))
    world.clock.forward(timedelta(seconds=wait))
    fields |= {"number": "0532 123 45 67", "way": "sms", "consent": PRESENT, "website": ""}
    return await world.web.post("/haber-ver", data=fields | changes, headers=OWN)


async def test_a_citizen_asks_to_be_told(world: CityWorld) -> None:
    found = await world.web.get("/haber-ver?q=gebze+yeni")
    assert 'href="/haber-ver?yer=gebze/yeni-mahalle"' in found.text
    answer = await filled(world)
    assert answer.status_code == 200
    assert "İsteğinizi aldık" in answer.text
    assert "Gebze, Yeni Mahalle" in answer.text
    (kept,) = await requests(world)
    assert (kept.number, kept.area_id, kept.state, kept.consent_source) == (
        NUMBER, world.places.yeni, State.pending, "web",
    )  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_the_answer_does_not_tell_who_is_on_the_list(world: CityWorld) -> None:
    first = await filled(world)
    assert (await filled(world)).text == first.text
    async with world.db.session() as session:
        await session.execute(delete(NoticeRequest))
        further = [
            Area(kind="neighbourhood", name=f"Mah {n}", spoken="x", district_id=world.places.gebze, search_key="x",
                 keypad="2", number=900 + n, active=True)
            for n in range(MOST_PLACES)
        ]  # fmt: skip
        session.add_all(further)
        await session.commit()
    for area in further:
        await ask(world, area.id)
    assert (await filled(world)).text == first.text
    assert len(await requests(world)) == MOST_PLACES, "one place more is too many, and is not told of either"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"number": "12"}, 422, "geçerli bir telefon numarası"),
        ({"number": "0262 234 56 78"}, 422, "Sabit telefona SMS gitmez"),
        ({"number": '"><script>alert(1)</script>'}, 422, "geçerli bir telefon numarası"),
        ({"consent": ""}, 422, "Onay vermeden"),
        ({"consent": "1999"}, 422, "Onay vermeden"),
        ({"stamp": "1.x"}, 422, "yeniden deneyin|bir kez daha"),
        ({"yer": "atlantis"}, 422, "Böyle bir yer bulunamadı"),
        ({"number": "0" * 9000}, 422, "Böyle bir yer bulunamadı"),
    ],
)
async def test_the_form_says_what_is_wrong(world: CityWorld, changes: dict[str, str], status: int, said: str) -> None:
    answer = await filled(world, **changes)
    assert answer.status_code == status
    assert re.search(said, answer.text)
    assert "<script" not in answer.text
    assert await requests(world) == []


async def test_programs_are_kept_out(world: CityWorld) -> None:
    assert (await filled(world, website="http://spam.example")).status_code == 200
    assert (await filled(world, wait=0)).status_code == 422
    assert (await filled(world, wait=90_000)).status_code == 422
    assert await requests(world) == []


async def test_another_site_cannot_send_the_form(world: CityWorld) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await world.web.post("/haber-ver", data={"yer": "gebze/yeni-mahalle"}, headers=headers)
        assert answer.status_code == 403
        assert "başka bir siteden" in answer.text


async def test_one_address_cannot_fill_the_list(world: CityWorld) -> None:
    statuses = [(await filled(world, number=f"0532 123 45 {n}0")).status_code for n in range(1, 9)]
    assert statuses == [200] * 6 + [429] * 2
    assert len(await requests(world)) == 6
    world.crowd_clock.passed = 3601
    assert (await filled(world)).status_code == 200


def test_a_crowd_is_counted_by_network_and_forgotten_when_it_is_large() -> None:
    clock = Seconds()
    crowd = Crowd(each=1, together=3, remembered=2, clock=clock)
    assert crowd.lets("2001:db8:1:2::1")
    assert not crowd.lets("2001:db8:1:2:ffff::2"), "the same customer"
    assert crowd.lets("2001:db8:1:3::1")
    assert crowd.lets("::ffff:192.0.2.1")
    assert not crowd.lets("198.51.100.7"), "all of them together are enough"
    clock.passed = 3601
    assert crowd.lets("192.0.2.1")


# REST


async def test_operators_work_on_the_list_with_a_key_and_see_masked_numbers(world: CityWorld) -> None:
    await ensure_api_key(world.db, AUTH["X-API-Key"])
    app = FastAPI()
    who = needs(world.db, world.clock, Scope.people)
    app.include_router(router(world.db, world.clock, who=who, secret=SECRET), prefix="/api/v1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as web:
        body = {"number": "0532 123 45 67", "area_id": world.places.yeni, "source": "phone"}
        assert (await web.get("/notices")).status_code == 401
        assert (await web.post("/notices", json=body)).status_code == 401
        made = (await web.post("/notices", json=body, headers=AUTH)).json()
        assert (made["number"], made["state"], made["consent_source"]) == ("…67", "pending", "phone")
        confirmed = (await web.post(f"/notices/{made['id']}/confirm", headers=AUTH)).json()
        assert (confirmed["state"], confirmed["confirmed_by"]) == ("confirmed", "api:installation")
        assert len((await web.get("/notices", headers=AUTH)).json()) == 1
        assert (await web.post("/notices/99/confirm", headers=AUTH)).json()["error"]["code"] == "unknown_notice"
        erased = await web.post("/notices/erase", json={"number": "+90 532 123 4567"}, headers=AUTH)
        assert erased.json() == {"requests": 1}
        made = (await web.post("/notices", json=body | {"confirmed": True}, headers=AUTH)).json()
        assert (await web.delete(f"/notices/{made['id']}", headers=AUTH)).status_code == 204
        assert (await web.get("/notices", headers=AUTH)).json() == []
        unknown = await web.post("/notices", json=body | {"area_id": 999}, headers=AUTH)
        assert unknown.json()["error"]["code"] == "unknown_area"
