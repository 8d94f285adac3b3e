"""A slip of the hand is taken back within half a minute, by the hand that made it, and nothing is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from outages import repository
from outages.errors import OutageError
from outages.life import Life
from outages.models import Outage
from outages.service import OutageService, facts_of
from outages.snapshot import load_board
from storage.database import Database
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


def state(outage: Outage) -> tuple[Any, ...]:
    return facts_of(outage), outage.life, outage.submitted_by, outage.submitted_at, outage.publish_at


async def made(service: OutageService, places: Places, step: str) -> Outage:
    draft = step in ("publish", "submit", "publish at")
    return await service.create(fault(places.yeni, starts=START - HOUR), draft=draft)


@pytest.mark.parametrize("step", ["end", "cancel", "publish", "publish at", "submit", "extend", "move"])
async def test_undone_is_exactly_as_before(service: OutageService, places: Places, clock: Clock, step: str) -> None:
    outage = await made(service, places, step)
    before = state(outage)
    await {
        "end": lambda: service.end(outage.id),
        "cancel": lambda: service.cancel(outage.id),
        "publish": lambda: service.publish(outage.id),
        "publish at": lambda: service.publish(outage.id, at=START + HOUR),
        "submit": lambda: service.submit_for_review(outage.id),
        "extend": lambda: service.change(outage.id, expected_end=START + 12 * HOUR),
        "move": lambda: service.change(outage.id, areas={places.baris: "Okul Sk."}, starts=START - 2 * HOUR),
    }[step]()
    after = state(outage)
    assert after != before
    clock.forward(timedelta(seconds=30))
    await service.undo(outage.id, outage.revision)
    assert state(outage) == before
    assert [r.what for r in await repository.revisions(service.session, outage.id)][-1] == "undone"
    await service.undo(outage.id, outage.revision)
    assert state(outage) == after, "an undo can be undone"


async def test_a_draft_that_is_cancelled_goes_out_at_no_hour_any_more(
    service: OutageService, places: Places, clock: Clock
) -> None:
    outage = await service.create(fault(places.yeni), draft=True)
    await service.publish(outage.id, at=START + HOUR)
    await service.cancel(outage.id)
    assert outage.publish_at is None
    await service.undo(outage.id, outage.revision)
    assert (outage.life, outage.publish_at) == (Life.draft, START + HOUR)


@pytest.mark.parametrize("draft", [True, False])
async def test_a_new_outage_is_cancelled_by_undoing_it(service: OutageService, places: Places, draft: bool) -> None:
    outage = await service.create(fault(places.yeni), draft=draft)
    await service.undo(outage.id, 1)
    assert outage.life is Life.cancelled
    (_, undone) = await repository.revisions(service.session, outage.id)
    assert (undone.what, undone.reason) == ("undone", "undone")


@pytest.mark.parametrize("draft", [True, False])
async def test_nobody_hears_that_the_water_is_back_where_that_was_undone(
    service: OutageService, places: Places, draft: bool
) -> None:
    over = replace(fault(places.yeni, starts=START - 3 * HOUR), actual_end=START - HOUR)
    outage = await service.create(over, draft=draft)
    assert len((await load_board(service.session, START)).outages) == (0 if draft else 1)
    await service.undo(outage.id, 1)
    assert (await load_board(service.session, START)).outages == ()


async def test_time_goes_on_while_somebody_hesitates(service: OutageService, places: Places, clock: Clock) -> None:
    soon = START + timedelta(seconds=10)
    outage = await service.create(fault(places.yeni, starts=soon))
    await service.cancel(outage.id)
    clock.forward(timedelta(seconds=20))
    await service.undo(outage.id, 2)
    assert outage.life is Life.active


async def test_what_is_past_undoing_is_refused(service: OutageService, places: Places, clock: Clock) -> None:
    outage = await service.create(fault(places.yeni))
    await service.end(outage.id)
    other = OutageService(service.session, clock, "mehmet")
    for work, code in (
        (other.undo(outage.id, 2), "undo_not_yours"),
        (service.undo(outage.id, 1), "revision_conflict"),
        (service.undo(99, 1), "unknown_outage"),
    ):
        with pytest.raises(OutageError) as refused:
            await work
        assert refused.value.code == code
    clock.forward(timedelta(seconds=31))
    with pytest.raises(OutageError) as refused:
        await service.undo(outage.id, 2)
    assert refused.value.code == "undo_too_late"
    assert outage.life is Life.restored
