"""The service level counts those who held the line; who kept their place neither gave up nor was answered late."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from agents.figures import level
from agents.models import QueueVisit
from dialling.kinds import Why
from dialling.models import CallAttempt, OutboundCall
from storage.database import Database
from tests.hotline_world import NOON

PROMISED = 20
HOUR = timedelta(hours=1)


def visit(caller: str, waited: float, *, answered: bool, ago: timedelta = timedelta()) -> QueueVisit:
    left = NOON - ago
    return QueueVisit(
        caller=caller, joined=left - timedelta(seconds=waited), left_at=left, answered=answered, waited=waited
    )


async def call_to(db: Database, subject: str, why: Why, token: str) -> None:
    """A call to a citizen that was answered; its channel is called `token`."""
    facts = {"number": None, "language": "tr", "priority": 5, "due": NOON, "created": NOON, "number_hash": token}
    async with db.session() as session:
        call = OutboundCall(why=why, subject=subject, state="done", **facts)
        session.add(call)
        await session.flush()
        rung = {"number_hash": token, "why": why, "worker": "w", "trunk": "t", "at": NOON}
        session.add(CallAttempt(outbound_id=call.id, token=token, **rung))
        await session.commit()


async def test_who_keeps_a_place_is_neither_lost_nor_late(db: Database) -> None:
    await db.migrate()
    await call_to(db, "17.3", Why.queue_callback, "back-3")
    await call_to(db, "17.4", Why.queue_callback, "back-4")
    await call_to(db, "17.5", Why.restoration, "water-5")
    async with db.session() as session:
        session.add_all(
            [
                visit("17.1", 5, answered=True),
                visit("17.2", 80, answered=False),
                visit("17.3", 90, answered=False),
                visit("17.4", 10, answered=False),
                visit("back-3", 1, answered=True),
                visit("17.5", 40, answered=False),
                visit("water-5", 30, answered=True),
                visit("17.0", 5, answered=True, ago=2 * HOUR),
            ]
        )
        await session.commit()
        found = await level(session, NOON - HOUR, PROMISED)
    assert (found.answered, found.in_time, found.abandoned, found.kept) == (2, 1, 2, 2)
    assert found.share == pytest.approx(1 / 4)
    assert found.mean_wait == pytest.approx(17.5)


async def test_who_goes_on_waiting_after_all_counts_by_how_it_ended(db: Database) -> None:
    """The place was kept, given up again, and an agent answered on the same call."""
    await db.migrate()
    await call_to(db, "17.1", Why.queue_callback, "back-1")
    async with db.session() as session:
        session.add(visit("17.1", 50, answered=True))
        await session.commit()
        found = await level(session, NOON - HOUR, PROMISED)
    assert (found.answered, found.in_time, found.abandoned, found.kept) == (1, 0, 0, 0)


async def test_the_figures_are_those_of_plain_sql(db: Database) -> None:
    await db.migrate()
    chance = random.Random(185)
    for number in range(0, 60, 3):
        why = Why.queue_callback if number % 2 else Why.planned_notice
        await call_to(db, f"17.{number}", why, f"back-{number}")
    async with db.session() as session:
        for number in range(60):
            waited, answered = chance.uniform(0, 60), chance.random() < 0.6
            session.add(visit(f"17.{number}", waited, answered=answered, ago=chance.random() * 2 * HOUR))
        session.add_all(visit(f"back-{number}", 3, answered=True) for number in range(0, 60, 3))
        await session.commit()
        found = await level(session, NOON - HOUR, PROMISED)
        rows = (await session.execute(text("SELECT caller, answered, waited, left_at FROM agent_queue_visits"))).all()
        kept = set(await session.scalars(text("SELECT subject FROM outbound_calls WHERE why = 'queue_callback'")))
        back = set(await session.scalars(text("SELECT token FROM call_attempts WHERE why = 'queue_callback'")))
    recent = [row for row in rows if str(row.left_at)[:19] >= str(NOON - HOUR)[:19]]
    held = [r for r in recent if r.caller not in back and (r.answered or r.caller not in kept)]
    answered = [r for r in held if r.answered]
    assert found.answered == len(answered)
    assert found.in_time == sum(r.waited <= PROMISED for r in answered)
    assert found.abandoned == sum(not r.answered and r.waited > PROMISED for r in held)
    assert found.kept == sum(not r.answered and r.caller in kept for r in recent)
    assert min(found.answered, found.in_time, found.abandoned, found.kept) > 0
