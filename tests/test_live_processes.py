"""Several processes on one PostgreSQL show one wall, and are quiet while nobody looks at it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from calls.agents_queue import LineState, QueueState
from calls.live import LiveCalls
from calls.models import LiveProcess, LiveWatch
from calls.processes import LOOK_EVERY, TELL_EVERY, Figures, Processes
from storage.database import Database
from tests.hotline_world import NOON
from tests.outage_world import Clock

SECONDS = timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


def figures(calls: int, waiting: int = 0) -> Figures:
    queue = QueueState(queues={"alo185-agents": LineState(waiting=waiting, told=NOON)})
    return Figures(calls=LiveCalls(calls=calls), queue=queue)


async def count_rows(db: Database) -> tuple[int, int]:
    async with db.reading() as session:
        told = await session.scalar(select(func.count()).select_from(LiveProcess))
        watched = await session.scalar(select(func.count()).select_from(LiveWatch))
    return told or 0, watched or 0


async def test_processes_tell_each_other_only_while_somebody_watches(db: Database, clock: Clock) -> None:
    here, there = Processes(db, clock, lambda: figures(3, 1)), Processes(db, clock, lambda: figures(4, 2))
    if db.dialect == "sqlite":
        assert (await here.figures()).calls.calls == 3
        assert await count_rows(db) == (0, 0)
        return
    assert await there.tell() == LOOK_EVERY
    assert await count_rows(db) == (0, 0)
    assert (await here.figures()).processes == 1
    assert await there.tell() == TELL_EVERY
    clock.forward(SECONDS)
    both = await here.figures()
    assert (both.calls.calls, both.queue.waiting, both.processes) == (7, 3, 2)
    clock.forward(30 * SECONDS)
    assert await there.tell() == LOOK_EVERY


async def test_a_dead_process_drops_out_after_five_seconds(postgresql_db: Database, clock: Clock) -> None:
    here, there = (Processes(postgresql_db, clock, lambda: figures(4)) for _ in range(2))
    await here.figures()
    await there.tell()
    clock.forward(4.9 * SECONDS)
    assert (await here.figures()).calls.calls == 8
    clock.forward(1.1 * SECONDS)
    assert (await here.figures()).calls.calls == 4


async def test_a_process_that_ends_leaves_at_once(postgresql_db: Database, clock: Clock) -> None:
    here, there = (Processes(postgresql_db, clock, lambda: figures(4)) for _ in range(2))
    await here.figures()
    await there.tell()
    await there.leave()
    clock.forward(SECONDS)
    assert (await here.figures()).processes == 1


async def test_what_another_version_tells_is_passed_over(postgresql_db: Database, clock: Clock) -> None:
    here = Processes(postgresql_db, clock, lambda: figures(4))
    async with postgresql_db.session() as session:
        session.add(LiveProcess(process="newer", at=NOON, snapshot='{"calls": "many"}'))
        await session.commit()
    assert (await here.figures()).processes == 1


async def test_ten_walls_read_the_other_processes_once_a_second(postgresql_db: Database, clock: Clock) -> None:
    here, there = (Processes(postgresql_db, clock, lambda: figures(4)) for _ in range(2))
    await here.figures()
    await there.tell()
    assert [(await here.figures()).processes for _ in range(10)] == [1] * 10
    clock.forward(SECONDS)
    assert (await here.figures()).processes == 2


@pytest.fixture
async def postgresql_db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Only there do several processes share."""
    cluster = request.getfixturevalue("postgresql")
    await cluster.run("CREATE DATABASE wall TEMPLATE migrated")
    database = Database(cluster.url("wall"))
    yield database
    await database.close()
    await cluster.run("DROP DATABASE wall WITH (FORCE)")
