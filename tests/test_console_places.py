"""The call-back desk shows who kept a place in the queue, and lets people call them by hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialling.kinds import State
from dialling.models import OutboundCall
from dialling.places import Place, keep
from dialling.work import Work
from people.roles import Role
from storage.database import Database
from tests.calling_world import RULES, Told
from tests.console_world import ConsoleWorld, console_world
from tests.ticket_world import CALLER

DESK = "/console/calls-back"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def kept(world: ConsoleWorld, number: str = CALLER) -> int:
    async with world.office.db.session() as session:
        joined = world.clock() - timedelta(minutes=5)
        place = Place(joined, "asked", "Gebze, Yeni Mahalle", "26-004217")
        secret, until = world.office.tickets.secret, RULES.hours.day_after(world.clock())
        kept = keep(session, world.clock, secret, call="17.1", number=number, language="en", place=place, until=until)
        call = await kept
        await session.commit()
    return call.id


async def test_a_kept_place_is_shown_and_taken_by_one_person(world: ConsoleWorld) -> None:
    call_id = await kept(world)
    async with world.browser(Role.operator, "ayse") as browser, world.browser(Role.viewer) as reader:
        page = (await browser.open(DESK)).text
        for words in ("Sırada yeri ayrılmış", CALLER, "Gebze, Yeni Mahalle", "26-004217", "İngilizce", "Ben arıyorum"):
            assert words in page, words
        masked = (await reader.open(DESK)).text
        assert ("…67" in masked, "532" in masked, "Ben arıyorum" in masked) == (True, False, False)
        taken = await browser.submit(f"{DESK}/places/{call_id}")
        assert taken.headers["location"] == f"{DESK}?done=place_taken"
        page = (await browser.open(DESK)).text
        for words in ("bir görevli arıyor", CALLER, "ayse arıyor"):
            assert words in page, words
        refused = await browser.submit(f"{DESK}/places/{call_id}")
        assert "başka biri tarafından aranmış" in refused.text
    async with world.office.db.reading() as session:
        call = await session.get(OutboundCall, call_id)
        assert call
        assert call.state == State.cancelled


async def test_who_was_not_reached_by_the_end_of_the_day_is_left_for_the_morning(world: ConsoleWorld) -> None:
    call_id = await kept(world)
    world.clock.forward(timedelta(hours=14))
    async with world.office.db.session() as session:
        await Work(session, world.clock(), RULES, Told()).expire()
        await session.commit()
    async with world.browser(Role.operator, "ayse") as browser:
        assert "Sırası geldi, ulaşılamadı" in (await browser.open(DESK)).text
        await browser.submit(f"{DESK}/places/{call_id}")
        world.clock.forward(timedelta(minutes=61))
        assert CALLER not in (await browser.open(DESK)).text
