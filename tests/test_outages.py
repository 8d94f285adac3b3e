"""What operators record is what callers can hear; what cannot be is refused, and nobody's work is overwritten."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from outages import repository
from outages.areas import named, search
from outages.demo import LABEL_TR, add_demo, remove_demo
from outages.errors import OutageError
from outages.life import Cause, Crew, Life
from outages.models import Area, BoardState
from outages.service import OutageService
from prompts.catalogue import load_catalogue
from storage.database import Database
from storage.errors import StorageError
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(db: Database, places: Places, clock: Clock) -> AsyncIterator[OutageService]:
    async with db.session() as session:
        yield OutageService(session, clock, "ayse")


async def version(service: OutageService) -> int:
    state = await service.session.get(BoardState, 1, populate_existing=True)
    assert state
    return state.version


async def test_a_fault_that_began_is_active_and_raises_the_boards_version(
    service: OutageService, places: Places
) -> None:
    before = await version(service)
    outage = await service.create(fault(places.yeni))
    assert outage.life is Life.active
    assert await version(service) > before


async def test_work_to_come_is_scheduled_and_becomes_active_when_it_starts(
    service: OutageService, places: Places, clock: Clock
) -> None:
    outage = await service.create(fault(places.yeni, starts=START + HOUR))
    assert outage.life is Life.scheduled
    assert await service.start_due() == 0
    clock.forward(HOUR)
    assert await service.start_due() == 1
    assert outage.life is Life.active
    assert [r.what for r in await repository.revisions(service.session, outage.id)] == ["created", "started"]


async def test_every_change_is_kept_with_who_when_and_what(
    service: OutageService, places: Places, clock: Clock
) -> None:
    outage = await service.create(fault(places.yeni))
    clock.forward(HOUR)
    await service.change(outage.id, crew="on_site", areas={places.yeni: "İnönü Caddesi", places.baris: None})
    await service.end(outage.id)
    _, changed, restored = await repository.revisions(service.session, outage.id)
    assert (changed.who, changed.at, changed.what) == ("ayse", START + HOUR, "changed")
    assert changed.changes == {
        "crew": [None, "on_site"],
        "areas": [{str(places.yeni): None}, {str(places.yeni): "İnönü Caddesi", str(places.baris): None}],
    }
    assert restored.changes["life"] == ["active", "restored"]
    assert outage.actual_end == START + HOUR


async def test_saying_the_same_again_leaves_no_trace(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni))
    before = await version(service)
    await service.change(outage.id, cause="network_fault", areas={places.yeni: None})
    assert outage.revision == 1
    assert await version(service) == before


async def test_a_draft_is_nobodys_news_until_it_is_published(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni), draft=True)
    assert list(await repository.outages(service.session, now=START, when="now")) == []
    await service.publish(outage.id)
    assert list(await repository.outages(service.session, now=START, when="now")) == [outage]


async def test_an_outage_that_was_ended_by_mistake_can_be_opened_again(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni))
    await service.end(outage.id)
    await service.change(outage.id, actual_end=None)
    assert outage.life is Life.active


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"expected_end": START - 2 * HOUR}, "end_before_start"),
        ({"actual_end": START - 2 * HOUR}, "end_before_start"),
        ({"actual_end": START + HOUR}, "end_in_future"),
        ({"starts": datetime(2026, 11, 25, 9)}, "naive_time"),  # noqa: DTZ001
        ({"cause": "aliens"}, "unknown_cause"),
        ({"crew": "asleep"}, "unknown_crew"),
        ({"kind": "joke"}, "unknown_kind"),
        ({"areas": {}}, "no_area"),
        ({"areas": {999_999: None}}, "unknown_area"),
        ({"subscribers": -1}, "bad_subscribers"),
        ({"announcement_tr": "a" * 1001}, "text_too_long"),
        ({"tanker_points": "a\0b"}, "bad_text"),
    ],
)
async def test_what_cannot_be_is_refused(
    service: OutageService, places: Places, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(OutageError) as refused:
        await service.create(replace(fault(places.yeni), **wrong))
    assert refused.value.code == code
    outage = await service.create(fault(places.yeni))
    with pytest.raises(OutageError) as refused:
        await service.change(outage.id, **wrong)
    assert refused.value.code == code


async def test_what_did_not_start_cannot_be_restored(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni, starts=START + HOUR))
    with pytest.raises(OutageError) as refused:
        await service.end(outage.id)
    assert refused.value.code == "not_started"


async def test_a_cancelled_outage_stays_as_it_is(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni))
    await service.cancel(outage.id)
    for again in (service.end(outage.id), service.cancel(outage.id), service.change(outage.id, crew="on_site")):
        with pytest.raises(OutageError) as refused:
            await again
        assert refused.value.code == "cancelled"


async def test_an_outage_of_a_merged_area_is_one_of_its_successor(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.merged))
    assert [place.area_id for place in outage.places] == [places.baris]


async def test_an_external_id_belongs_to_one_outage(service: OutageService, places: Places) -> None:
    await service.create(fault(places.yeni), external_id="A1")
    with pytest.raises(OutageError) as refused:
        await service.create(fault(places.yeni), external_id="A1")
    assert refused.value.code == "external_id_taken"


async def test_a_change_on_top_of_another_is_refused(service: OutageService, places: Places) -> None:
    outage = await service.create(fault(places.yeni))
    await service.change(outage.id, 1, crew="on_the_way")
    with pytest.raises(OutageError) as refused:
        await service.change(outage.id, 1, crew="on_site")
    assert refused.value.code == "revision_conflict"


async def test_two_operators_at_the_same_moment_do_not_overwrite_each_other(
    db: Database, places: Places, clock: Clock
) -> None:
    async with db.session() as session:
        outage = await OutageService(session, clock, "ayse").create(fault(places.yeni))
        await session.commit()
    refused_with = "revision_conflict" if db.dialect == "postgresql" else "database_locked"
    with pytest.raises((OutageError, StorageError)) as refused:
        await _write_late(db, clock, outage.id)
    assert refused.value.code == refused_with
    async with db.reading() as session:
        assert (await OutageService(session, clock, "").get(outage.id)).crew == "on_site"


async def _write_late(db: Database, clock: Clock, outage_id: int) -> None:
    async with db.reading() as early:
        slow = OutageService(early, clock, "mehmet")
        seen = await slow.get(outage_id)
        async with db.session() as session:
            await OutageService(session, clock, "ayse").change(outage_id, crew="on_site")
            await session.commit()
        await slow.change(seen.id, crew="testing")


async def test_lists_by_time_and_area(service: OutageService, places: Places) -> None:
    wide = await service.create(fault(places.gebze))
    own = await service.create(fault(places.yeni, starts=START + 71 * HOUR, expected_end=None))
    far = await service.create(fault(places.yeni, starts=START + 73 * HOUR, expected_end=None))
    back = await service.create(replace(fault(places.baris, starts=START - 9 * HOUR), actual_end=START - 5 * HOUR))
    await service.create(replace(fault(places.baris, starts=START - 9 * HOUR), actual_end=START - 7 * HOUR))

    async def ids(when: Any = None, area: int | None = None) -> list[int]:
        place = await service.session.get(Area, area) if area else None
        found = await repository.outages(service.session, now=START, when=when, area=place)
        return [outage.id for outage in found]

    assert await ids("now") == [wide.id]
    assert await ids("next") == [own.id]
    assert await ids("restored") == [back.id]
    assert await ids("now", places.yeni) == [wide.id]
    assert await ids("now", places.korfez_yeni) == []
    assert await ids(None, places.yeni) == [far.id, own.id, wide.id]
    assert await ids("restored", places.gebze) == [back.id]
    assert await ids("restored", places.yeni) == []


async def test_a_broadcast_ends_in_the_future_and_can_be_silenced(service: OutageService, places: Places) -> None:
    with pytest.raises(OutageError):
        await service.announce("Su içmeyin.", START)
    with pytest.raises(OutageError):
        await service.announce("Su içmeyin.", START + HOUR, district_id=places.yeni)
    broadcast = await service.announce("Su içmeyin.", START + HOUR, district_id=places.gebze)
    await service.silence(broadcast.id)
    assert broadcast.ends == START


async def test_areas_are_found_by_what_people_type(service: OutageService, places: Places) -> None:
    session = service.session
    assert [area.id for area in await search(session, "BARIS")] == [places.baris]
    assert [area.id for area in await search(session, "yen")] == [places.yeni, places.korfez_yeni]
    assert (await named(session, "gebze")).id == places.gebze
    assert (await named(session, "GEBZE / Yeni Mah.")).id == places.yeni
    assert (await named(session, "barış mahallesi")).id == places.baris
    assert (await named(session, "Gebze/Sulh")).id == places.baris
    for unclear in ("Yeni Mahalle", "Gebze/Yok", "Yok", "Gebze/Yeni Mahalle/3", "/", ""):
        with pytest.raises(OutageError):
            await named(session, unclear)


async def test_the_demonstration_says_that_it_is_one_and_can_be_removed(db: Database, clock: Clock) -> None:
    async with db.session() as session:
        for district in range(1, 6):
            session.add(_numbered(district, None))
            await session.flush()
            session.add_all(_numbered(district * 100 + each, district) for each in range(3))
        await session.commit()
    assert await add_demo(db, clock) == 6
    assert await add_demo(db, clock) == 0
    async with db.session() as session:
        found = await repository.outages(session, now=START)
        assert all(o.source == "demo" and o.announcement_tr == LABEL_TR for o in found)
        assert {o.life for o in found} == {Life.active, Life.scheduled, Life.restored}
        assert any(o.expected_end and o.expected_end < START and o.life is Life.active for o in found)
        assert await remove_demo(session) == 6
        assert list(await repository.outages(session, now=START)) == []


def test_every_cause_and_crew_status_has_words_in_every_language() -> None:
    keys = load_catalogue().keys()
    assert {key for key in keys if key.startswith("cause.")} == {f"cause.{cause}" for cause in Cause}
    assert {key for key in keys if key.startswith("crew.")} == {f"crew.{crew}" for crew in Crew}


def _numbered(number: int, district: int | None) -> Area:
    kind: Any = "neighbourhood" if district else "district"
    name = f"Yer {number}"
    return Area(
        id=number, kind=kind, name=name, spoken=name, district_id=district, search_key=name, keypad="9", number=number
    )
