"""Tickets of an earlier version keep their numbers, are followed from now on, and can be found by their caller."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from outbox.mail_models import Mail
from storage.database import Database
from storage.migrate import upgrade
from storage.types import Protected, use_key
from tests.clusters import Cluster
from tests.outage_world import START, Clock
from tests.ticket_world import CALLER, SECRET, ZONE
from tickets.files import Files
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.models import Ticket, TicketEvent
from tickets.privacy import Forgetting, pseudonym
from tickets.telling import Teller
from tickets.unit_models import Route, Unit
from tickets.watch import TicketWatch

OLD = (
    ("26-000001", "call-1", "hazard", True, None),
    ("26-000002", "call-1", "leak", False, None),
    ("26-000003", "call-2", "no_water", False, 7),
    ("26-000004", "call-3", "low_pressure", False, None),
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the version before tickets were followed."""
    use_key("a key for tests, long enough")
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        await cluster.run("CREATE DATABASE before_tickets")
        url = cluster.url("before_tickets")
    db = Database(url)
    insert = text(
        "INSERT INTO tickets (number, call_id, category, urgent, area_id, outage_id, callback_number, opened)"
        " VALUES (:number, :call, :category, :urgent, 5, :outage, :caller, '2026-11-25 09:00:00.000000')"
    )
    async with db.engine.connect() as connection:
        await connection.run_sync(lambda sync: upgrade(sync, "0008"))
        caller = Protected().process_bind_param(CALLER, connection.dialect)
        for number, call, category, urgent, outage in OLD:
            given = {"number": number, "call": call, "category": category, "urgent": urgent, "outage": outage}
            await connection.execute(insert, given | {"caller": caller})
        await connection.exec_driver_sql("INSERT INTO ticket_years (year, last) VALUES (26, 4)")
        await connection.commit()
    yield db
    await db.close()
    if request.param == "postgresql":
        await cluster.run("DROP DATABASE before_tickets WITH (FORCE)")


async def test_older_tickets_go_on_under_their_numbers(old: Database) -> None:
    await old.migrate()
    async with old.reading() as session:
        found = (await session.scalars(select(Ticket).order_by(Ticket.number))).all()
        events = (await session.scalars(select(TicketEvent.what))).all()
    assert [(t.number, t.category, t.urgency, t.state) for t in found] == [
        ("26-000001", "burst_main", "hazard", "new"),
        ("26-000002", "leak", "urgent", "new"),
        ("26-000003", "no_water", "urgent", "new"),
        ("26-000004", "low_pressure", "normal", "new"),
    ]
    assert [t.look_at for t in found] == [START, START, None, START]
    assert {t.callback_number for t in found} == {CALLER}
    assert list(events) == ["opened"] * 4


async def test_the_watch_sends_older_tickets_to_their_unit_within_a_turn(old: Database) -> None:
    """All but the one that waits for an outage; none of them is a minute late because of the update."""
    await old.migrate()
    clock = Clock()
    async with old.session() as session:
        unit = Unit(name="Şebeke", email="sebeke@example.org", answer_minutes=10, changed=clock(), active=True)
        session.add(unit)
        await session.flush()
        session.add(Route(position=1, unit_id=unit.id))
        await session.commit()
    teller = Teller(clock, ZONE, mail=True)
    await TicketWatch(old, teller).turn()
    async with old.reading() as session:
        found = (await session.scalars(select(Ticket).order_by(Ticket.number))).all()
        told = (await session.scalars(select(Mail.to))).all()
    assert [(t.state, t.unit_id) for t in found] == [("sent", 1), ("sent", 1), ("new", None), ("sent", 1)]
    assert list(told) == ["sebeke@example.org"] * 3


async def test_a_retry_across_the_update_still_makes_no_second_ticket(old: Database) -> None:
    await old.migrate()
    async with old.session() as session:
        again = Submission(Channel.phone, "call-1:hazard", Category.burst_main, call_id="call-1")
        taken = await take(session, START, again, who="phone", same_words=False)
        assert (taken.new, taken.ticket.number) == (False, "26-000001")


async def test_an_older_ticket_is_forgotten_with_its_caller(old: Database, tmp_path: Path) -> None:
    await old.migrate()
    forgetting = Forgetting(old, Clock(), Files(tmp_path).voices)
    assert await forgetting.know_callers(SECRET) == 4
    assert await forgetting.know_callers(SECRET) == 0
    assert await forgetting.forget(pseudonym(CALLER, SECRET)) == 4
