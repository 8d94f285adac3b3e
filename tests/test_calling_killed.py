"""Workers that are killed at any moment, a hundred times: a citizen's telephone rings at most once for each attempt."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.claiming import CLAIMED_FOR
from dialling.kinds import Outcome, Why
from dialling.models import CallAttempt
from dialling.service import CallBacks, Wanted
from ivr.settable import ROOT
from storage import types
from storage.database import Database
from storage.types import use_key
from tests.calling_world import SECRET
from tests.dying_worker import KEY, POINTS
from tests.outage_world import START

STEP = 25
"""Virtual seconds between two workers: longer than a claim, shorter than a ring."""
CITIZENS = 20


class Workers:
    """Orders to the house of dying workers."""

    def __init__(self, url: str, rings: Path) -> None:
        command = [sys.executable, "-m", "tests.dying_worker", url, str(rings)]
        self._rings = rings
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def order(self, order: str, seconds: float, point: str) -> list[int]:
        """How the workers ended: 0, or -9 when they were killed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{order} {seconds} {point}\n")
        self.process.stdin.flush()
        return [int(each) for each in self.process.stdout.readline().split()]

    def rings(self) -> Counter[str]:
        """How often it rang, by attempt."""
        lines = self._rings.read_text().splitlines() if self._rings.exists() else []
        return Counter(line.split()[0] for line in lines)


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator[Workers]:
    house = Workers(database_url, tmp_path / "rings")
    yield house
    assert house.process.stdin
    house.process.stdin.close()
    house.process.wait(10)


@pytest.fixture
async def citizens(db: Database) -> None:
    before = types._seal
    use_key(KEY)
    async with db.session() as session:
        calls = CallBacks(session, lambda: START, SECRET)
        for number in range(CITIZENS):
            await calls.ask(Wanted(Why.ticket_check, f"26-{number:06}", f"+9053212345{number:02}"))
        await session.commit()
    types._seal = before


async def attempts(db: Database) -> list[CallAttempt]:
    async with db.reading() as session:
        columns = select(CallAttempt).order_by(CallAttempt.id)
        return list(await session.scalars(columns))


async def test_a_hundred_killed_workers_never_ring_twice(db: Database, citizens: None, workers: Workers) -> None:
    ends: Counter[str] = Counter()
    for number in range(100):
        point = POINTS[number % (len(POINTS) - 1)]
        [status] = workers.order("run", number * STEP, point)
        ends[point] += status == -9
    assert sum(ends.values()) > 80, ends
    made = await attempts(db)
    rings = workers.rings()
    assert max(rings.values()) == 1
    assert set(rings) <= {attempt.token for attempt in made}
    # nobody is forgotten, and nobody's next attempt comes before its time
    assert {attempt.outbound_id for attempt in made} == set(range(1, CITIZENS + 1))
    for one in range(1, CITIZENS + 1):
        times = [attempt.at for attempt in made if attempt.outbound_id == one]
        assert all(later - earlier >= timedelta(minutes=2) for earlier, later in pairwise(times))
    assert {attempt.outcome for attempt in made} == {Outcome.unknown, None}


async def test_two_workers_share_the_list_and_one_takes_over_what_the_other_leaves(
    db: Database, citizens: None, workers: Workers
) -> None:
    """On SQLite they take turns; on PostgreSQL neither waits for the other."""
    for number, point in enumerate(("claimed", "dialling", "ringing")):
        assert workers.order("two", number, point) == [-9, 0]
    for second in range(4):
        assert workers.order("run", 3 + second + CLAIMED_FOR.total_seconds(), "never") == [0]
    made, rings = await attempts(db), workers.rings()
    assert Counter(attempt.outbound_id for attempt in made) == dict.fromkeys(range(1, CITIZENS + 1), 1)
    assert max(rings.values()) == 1
    # the attempt whose worker died before it rang is not made up for at once
    assert len(made) - len(rings) == 1
    assert len({attempt.worker for attempt in made}) >= 4
