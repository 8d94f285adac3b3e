"""What operators look at: what is urgent first, what overlaps before it is saved, and the whole past, page by page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from outages import repository
from outages.life import Life, OutageFacts
from outages.models import Area
from outages.overview import HistoryQuery, history, overview
from outages.service import OutageService
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault


@pytest.fixture
async def places(db: Database) -> Places:
    places = await add_places(db)
    async with db.session() as session:
        for area_id, people in ((places.gebze, 5000), (places.yeni, 1000), (places.baris, 300), (places.korfez, 9000)):
            (await session.get_one(Area, area_id)).population = people
        await session.commit()
    return places


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(db: Database, places: Places, clock: Clock) -> AsyncIterator[OutageService]:
    async with db.session() as session:
        yield OutageService(session, clock, "ayse")


async def test_stale_estimates_come_first_then_the_most_people(service: OutageService, places: Places) -> None:
    few = await service.create(fault(places.baris))
    many = await service.create(fault(places.gebze, places.yeni))
    told = await service.create(replace(fault(places.yeni), subscribers=2000))
    late = await service.create(fault(places.baris, starts=START - 3 * HOUR, expected_end=START - HOUR))
    soon = await service.create(fault(places.korfez, starts=START + HOUR, expected_end=None))
    far = await service.create(fault(places.korfez, starts=START + 100 * HOUR, expected_end=None))
    draft = await service.create(fault(places.yeni), draft=True)
    over = await service.create(fault(places.yeni))
    await service.end(over.id)
    seen = await overview(service.session, START)
    assert [row.outage for row in seen.now] == [late, many, told, few]
    assert [(row.affected, row.counted) for row in seen.now] == [
        (300, False),
        (5000, False),
        (2000, True),
        (300, False),
    ]
    assert [row.late for row in seen.now] == [True, False, False, False]
    assert [row.outage for row in seen.next] == [soon]
    assert [row.outage for row in seen.drafts] == [draft]
    assert far not in [row.outage for row in seen.next]


async def test_the_time_since_the_last_update_is_told(service: OutageService, places: Places, clock: Clock) -> None:
    outage = await service.create(fault(places.yeni))
    clock.forward(HOUR)
    assert (await overview(service.session, clock())).now[0].quiet == HOUR
    await service.change(outage.id, crew="on_site")
    assert (await overview(service.session, clock())).now[0].quiet == 0 * HOUR


async def test_more_outages_ask_no_more_questions_of_the_database(db: Database, places: Places, clock: Clock) -> None:
    async with db.session() as session:
        service = OutageService(session, clock, "ayse")
        for hour in range(30):
            await service.create(fault(places.yeni, places.baris, starts=START - hour * HOUR))
        await session.commit()
    asked: list[str] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    async with db.reading() as session:
        seen = await overview(session, START)
        assert sum(len(row.outage.places) for row in seen.now) == 60
        board_asked = len(asked)
        await history(session, HistoryQuery(), size=20)
    assert board_asked <= 4
    assert len(asked) - board_asked <= 5


@pytest.mark.parametrize(
    ("starts", "end", "area", "overlaps"),
    [
        (2, 4, "yeni", True),
        (2, 4, "gebze", True),
        (2, 4, "merged_elsewhere", False),
        (2, 4, "korfez_yeni", False),
        (8, 12, "yeni", False),
        (-5, -1, "yeni", False),
        (-5, 0, "yeni", False),
        (-5, None, "yeni", True),
        (7, None, "yeni", True),
    ],
)
async def test_overlaps_are_pointed_out(
    service: OutageService, places: Places, starts: int, end: int | None, area: str, overlaps: bool
) -> None:
    held = await service.create(fault(places.yeni, starts=START, expected_end=START + 8 * HOUR))
    where = {"merged_elsewhere": places.baris}.get(area) or getattr(places, area)
    new = fault(where, starts=START + starts * HOUR, expected_end=None if end is None else START + end * HOUR)
    assert await service.overlapping(new) == ([held] if overlaps else [])
    assert await service.overlapping(new, except_id=held.id) == []


async def test_whole_districts_and_late_outages_overlap_too(service: OutageService, places: Places) -> None:
    wide = await service.create(fault(places.gebze, starts=START - HOUR, expected_end=None))
    late = await service.create(fault(places.yeni, starts=START - 9 * HOUR, expected_end=START - HOUR))
    gone = await service.create(fault(places.yeni, starts=START - 9 * HOUR, expected_end=START - HOUR))
    await service.end(gone.id, START - HOUR)
    await service.create(fault(places.yeni), draft=True)
    now = fault(places.yeni, starts=START, expected_end=START + HOUR)
    assert await service.overlapping(now) == [late, wide]
    tomorrow = fault(places.yeni, starts=START + 24 * HOUR, expected_end=None)
    assert await service.overlapping(tomorrow) == [wide]


async def write_history(service: OutageService, places: Places) -> dict[str, int]:
    def told(area: int, start: int, **given: Any) -> OutageFacts:
        return replace(fault(area, starts=START - start * HOUR, expected_end=None), **given)

    tanker = await service.create(told(places.yeni, 3, tanker_points="ÇİÇEK PARKI"))
    planned = await service.create(told(places.korfez, 2, kind="planned", announcement_en="Take care"))
    street = await service.create(told(places.baris, 50, areas={places.baris: "Şehit Işık Sokağı"}), external_id="K-7")
    await service.end(street.id, START - 40 * HOUR)
    gone = await service.create(told(places.gebze, 100))
    await service.cancel(gone.id)
    return {"tanker": tanker.id, "planned": planned.id, "street": street.id, "gone": gone.id}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["planned", "tanker", "street", "gone"]),
        ({"text": "cicek parki"}, ["tanker"]),
        ({"text": "ŞEHİT IŞIK"}, ["street"]),
        ({"text": "sehit isik sokagi"}, ["street"]),
        ({"text": "TAKE care"}, ["planned"]),
        ({"text": "K-7"}, ["street"]),
        ({"text": "100%_"}, []),
        ({"kind": "planned"}, ["planned"]),
        ({"lives": [Life.restored, Life.cancelled]}, ["street", "gone"]),
        ({"area": "baris"}, ["street", "gone"]),
        ({"area": "gebze"}, ["tanker", "street", "gone"]),
        ({"since": START - 45 * HOUR}, ["planned", "tanker", "street"]),
        ({"since": START - 30 * HOUR}, ["planned", "tanker"]),
        ({"until": START - 40 * HOUR}, ["street", "gone"]),
        ({"since": START - 45 * HOUR, "until": START - 40 * HOUR}, ["street"]),
    ],
)
async def test_the_past_is_searched(
    service: OutageService, places: Places, wanted: dict[str, Any], found: list[str]
) -> None:
    ids = await write_history(service, places)
    query = dict(wanted)
    area = query.pop("area", None)
    page = await history(service.session, HistoryQuery(area_id=getattr(places, area) if area else None, **query))
    assert [outage.id for outage in page.outages] == [ids[name] for name in found]
    assert page.total == len(found)


async def test_the_past_has_pages(service: OutageService, places: Places) -> None:
    made = [(await service.create(fault(places.yeni, starts=START - hour * HOUR))).id for hour in range(1, 8)]

    async def ids(number: int) -> list[int]:
        return [outage.id for outage in (await history(service.session, HistoryQuery(), number, 3)).outages]

    assert [await ids(number) for number in (1, 2, 3)] == [made[:3], made[3:6], made[6:]]
    last = await history(service.session, HistoryQuery(), 99, 3)
    assert (last.page, last.pages, last.total) == (3, 3, 7)
    by_number = await history(service.session, HistoryQuery(text=str(made[2])))
    assert made[2] in [outage.id for outage in by_number.outages]


async def test_what_reaches_every_caller_is_shown_until_it_ends(
    service: OutageService, places: Places, clock: Clock
) -> None:
    assert (await repository.alerts(service.session, START)).broadcasts == []
    broadcast = await service.announce("Su içmeyin.", START + HOUR)
    await service.mass_call(True, START + 2 * HOUR)
    shown = await repository.alerts(service.session, START)
    assert list(shown.broadcasts) == [broadcast]
    assert (shown.mass_call_until, shown.mass_call_by) == (START + 2 * HOUR, "ayse")
    later = await repository.alerts(service.session, START + 2 * HOUR)
    assert (list(later.broadcasts), later.mass_call_until) == ([], None)
