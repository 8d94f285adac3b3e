"""Planned work goes out through a second person where the setting asks for it, at once or at its hour."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from outages import repository
from outages.errors import OutageError
from outages.history import facts_before, life_before
from outages.life import Life, OutageFacts
from outages.models import Area
from outages.service import OutageService, facts_of
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault

Desk = Callable[[str], OutageService]


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(db: Database, places: Places, clock: Clock) -> AsyncIterator[Desk]:
    """People of one utility where planned work is reviewed."""
    async with db.session() as session:
        yield lambda who: OutageService(session, clock, who, review_planned=True)


def planned(area: int) -> OutageFacts:
    return replace(fault(area, starts=START + 24 * HOUR, expected_end=START + 32 * HOUR), kind="planned")


async def refused(work: object, code: str) -> None:
    with pytest.raises(OutageError) as refusal:
        await work  # type: ignore[misc]
    assert refusal.value.code == code


async def test_a_second_person_publishes_what_was_submitted(desk: Desk, places: Places) -> None:
    ayse, mehmet = desk("ayse"), desk("mehmet")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await ayse.submit_for_review(outage.id)
    assert (outage.submitted_by, outage.submitted_at) == ("ayse", START)
    await refused(ayse.approve(outage.id), "needs_second_person")
    await refused(ayse.publish(outage.id), "needs_second_person")
    await mehmet.approve(outage.id, reason="Uygun")
    assert (outage.life, outage.approved_by) == (Life.scheduled, "mehmet")
    history = await repository.revisions(ayse.session, outage.id)
    assert [(r.what, r.who, r.reason) for r in history] == [
        ("created", "ayse", None),
        ("submitted", "ayse", None),
        ("published", "mehmet", "Uygun"),
    ]


async def test_nobody_approves_their_own_words(desk: Desk, places: Places) -> None:
    ayse, mehmet = desk("ayse"), desk("mehmet")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await ayse.submit_for_review(outage.id)
    await mehmet.change(outage.id, cause="renewal")
    assert outage.submitted_by is None, "what was changed is looked at anew"
    await refused(mehmet.approve(outage.id), "not_submitted")
    await refused(mehmet.publish(outage.id), "needs_second_person")
    await mehmet.submit_for_review(outage.id)
    await ayse.approve(outage.id)
    assert outage.life is Life.scheduled


async def test_planned_work_cannot_go_around_the_review(desk: Desk, places: Places) -> None:
    ayse = desk("ayse")
    await refused(ayse.create(planned(places.yeni)), "needs_second_person")
    live = await ayse.create(fault(places.yeni))
    await refused(ayse.change(live.id, kind="planned"), "needs_second_person")


async def test_faults_never_wait(desk: Desk, places: Places) -> None:
    ayse = desk("ayse")
    outage = await ayse.create(fault(places.yeni), draft=True)
    await ayse.publish(outage.id)
    assert outage.life is Life.active


async def test_without_the_setting_one_person_publishes(db: Database, places: Places, clock: Clock) -> None:
    async with db.session() as session:
        ayse = OutageService(session, clock, "ayse")
        outage = await ayse.create(planned(places.yeni), draft=True)
        await ayse.submit_for_review(outage.id)
        await ayse.approve(outage.id)
        assert outage.life is Life.scheduled


async def test_it_goes_back_with_a_reason(desk: Desk, places: Places) -> None:
    ayse, mehmet = desk("ayse"), desk("mehmet")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await refused(mehmet.send_back(outage.id, "Neden?"), "not_submitted")
    await ayse.submit_for_review(outage.id)
    await refused(mehmet.send_back(outage.id, "  "), "reason_needed")
    await mehmet.send_back(outage.id, "Saatler yanlış")
    assert (outage.life, outage.submitted_by) == (Life.draft, None)
    assert (await repository.revisions(ayse.session, outage.id))[-1].reason == "Saatler yanlış"


async def test_an_approved_draft_goes_out_at_its_hour(desk: Desk, places: Places, clock: Clock) -> None:
    ayse, mehmet, system = desk("ayse"), desk("mehmet"), desk("system")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await ayse.submit_for_review(outage.id)
    await refused(ayse.approve(outage.id, at=START + HOUR), "needs_second_person")
    await refused(mehmet.approve(outage.id, at=START + 40 * HOUR), "published_after_end")
    await mehmet.approve(outage.id, at=START + HOUR)
    assert (outage.life, outage.publish_at) == (Life.draft, START + HOUR)
    assert await repository.next_publication(ayse.session) == START + HOUR
    assert await system.start_due() == 0
    clock.forward(HOUR)
    assert await system.start_due() == 1
    assert (outage.life, outage.publish_at, outage.approved_by) == (Life.scheduled, None, "mehmet")
    last = (await repository.revisions(ayse.session, outage.id))[-1]
    assert (last.what, last.who, last.on_behalf_of) == ("published", "system", "mehmet")
    assert await system.start_due() == 0


async def test_a_change_stops_the_publication_that_was_approved(desk: Desk, places: Places, clock: Clock) -> None:
    ayse, mehmet = desk("ayse"), desk("mehmet")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await ayse.submit_for_review(outage.id)
    await mehmet.approve(outage.id, at=START + HOUR)
    await ayse.change(outage.id, subscribers=10)
    clock.forward(2 * HOUR)
    assert await desk("system").start_due() == 0
    assert outage.life is Life.draft


async def test_what_cannot_go_out_any_more_waits_for_a_person(desk: Desk, places: Places, clock: Clock) -> None:
    ayse, mehmet = desk("ayse"), desk("mehmet")
    outage = await ayse.create(planned(places.yeni), draft=True)
    await ayse.submit_for_review(outage.id)
    await mehmet.approve(outage.id, at=START + HOUR)
    area = await ayse.session.get_one(Area, places.yeni)
    area.active = False
    clock.forward(HOUR)
    await desk("system").start_due()
    assert (outage.life, outage.publish_at) == (Life.draft, None)
    last = (await repository.revisions(ayse.session, outage.id))[-1]
    assert (last.what, bool(last.reason)) == ("sent_back", True)
    assert await desk("system").due() == []


async def test_the_past_is_replayed(desk: Desk, places: Places, clock: Clock) -> None:
    ayse = desk("ayse")
    outage = await ayse.create(fault(places.yeni), reason="İhbar")
    said = [facts_of(outage)]
    for changes in ({"crew": "on_site"}, {"areas": {places.baris: "Okul Sk."}}, {"expected_end": None}):
        clock.forward(HOUR)
        await ayse.change(outage.id, reason="Saha bilgisi", **changes)  # type: ignore[arg-type]
        said.append(facts_of(outage))
    await ayse.end(outage.id, reason="Su verildi")
    said.append(facts_of(outage))
    history = list(await repository.revisions(ayse.session, outage.id))
    assert facts_before(history, 1) is None
    assert [facts_before(history, number) for number in range(2, 7)] == said
    assert [life_before(history, number) for number in (1, 2, 5, 6)] == [
        None,
        Life.active,
        Life.active,
        Life.restored,
    ]
    assert [r.reason for r in history] == ["İhbar", *["Saha bilgisi"] * 3, "Su verildi"]


async def test_a_reason_has_its_limit(desk: Desk, places: Places) -> None:
    await refused(desk("ayse").create(fault(places.yeni), reason="a" * 301), "reason_too_long")
