"""How the day goes, told in the city's own hours."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from calls.journal import Journal, Outcome
from calls.lately import Lately
from calls.models import CallRecord
from calls.rows import row_of
from calls.today import Today, today
from storage.database import Database
from storage.types import use_key

MIDNIGHT = datetime(2026, 11, 24, 21, tzinfo=UTC)
"""In Kocaeli."""
NINE = MIDNIGHT + timedelta(hours=9)


async def keep(db: Database, *journals: Journal) -> None:
    use_key("a key of the tests")
    async with db.session() as session:
        await session.execute(insert(CallRecord), [row_of(journal, None) for journal in journals])
        await session.commit()


def call(at: datetime, outcome: Outcome, reason: str | None = None, answer: float | None = None, **facts: object):
    first = at + timedelta(seconds=answer) if answer is not None else None
    driver = str(facts.get("driver", "agi"))
    return Journal(
        f"{at.timestamp()}-{outcome}-{reason}", None, at, driver, outcome=outcome, reason=reason, first_answer=first
    )


async def day(db: Database, now: datetime, zone: str = "Europe/Istanbul") -> Today:
    async with db.reading() as session:
        return await today(session, now, zone)


async def test_a_day_without_calls_has_its_hours(db: Database) -> None:
    quiet = await day(db, NINE + timedelta(minutes=5))
    assert quiet.since == MIDNIGHT
    assert (quiet.whole.calls, quiet.whole.contained, quiet.whole.first_answer_seconds) == (0, 0.0, None)
    assert [hour.starts for hour in quiet.hours] == [MIDNIGHT + timedelta(hours=n) for n in range(10)]


async def test_calls_since_local_midnight_count_by_hour_and_outcome(db: Database) -> None:
    await keep(
        db,
        call(MIDNIGHT - timedelta(seconds=1), Outcome.failed),
        call(MIDNIGHT, Outcome.served, answer=4.0),
        call(MIDNIGHT + timedelta(minutes=59, seconds=59), Outcome.ticket, answer=8.0),
        call(MIDNIGHT + timedelta(hours=1), Outcome.gave_up),
        call(NINE, Outcome.transferred, "asked", answer=6.0),
        call(NINE + timedelta(minutes=1), Outcome.transferred, "asked"),
        call(NINE + timedelta(minutes=2), Outcome.transferred, "hazard"),
        call(NINE + timedelta(minutes=3), Outcome.failed),
        call(NINE + timedelta(minutes=3), Outcome.served, "no telephone", driver="play"),
    )
    told = await day(db, NINE + timedelta(minutes=5))
    assert told.whole.outcomes == {
        Outcome.served: 1,
        Outcome.ticket: 1,
        Outcome.gave_up: 1,
        Outcome.transferred: 3,
        Outcome.failed: 1,
    }
    assert told.whole.contained == pytest.approx(2 / 7)
    assert told.whole.first_answer_seconds == pytest.approx(6.0)
    assert [hour.containment.calls for hour in told.hours] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 4]
    assert told.hours[0].containment.contained == 1.0
    assert told.reasons == {"asked": 2, "hazard": 1, "unknown": 1}


async def test_the_day_begins_where_the_city_is(db: Database) -> None:
    """A zone that is half an hour off, so that its hours are not the database's."""
    half_past = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    await keep(
        db,
        call(half_past - timedelta(seconds=1), Outcome.served),
        call(half_past, Outcome.served),
        call(half_past + timedelta(minutes=59), Outcome.served),
        call(half_past + timedelta(minutes=60), Outcome.ticket),
    )
    told = await day(db, half_past + timedelta(hours=1, minutes=30), "Asia/Kolkata")
    assert told.since == half_past
    assert [hour.containment.calls for hour in told.hours] == [2, 1]


async def test_the_long_day_of_winter_time_has_25_hours(db: Database) -> None:
    told = await day(db, datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "Europe/Berlin")
    assert (told.since, len(told.hours)) == (datetime(2026, 10, 24, 22, tzinfo=UTC), 25)


async def test_many_who_look_cost_one_query_in_five_seconds() -> None:
    clock, loads = [0.0], iter(range(100))

    async def load() -> int:
        return next(loads)

    lately = Lately(load, 5.0, clock=lambda: clock[0])
    assert [await lately.get() for _ in range(10)] == [0] * 10
    clock[0] = 4.9
    assert await lately.get() == 0
    clock[0] = 5.0
    assert await lately.get() == 1
    lately.forget()
    assert await lately.get() == 2
