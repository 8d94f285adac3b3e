"""Whatever operators do in whatever order, an outage's life makes sense and its history tells all of it."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from outages import repository
from outages.errors import OutageError
from outages.history import facts_before, life_before
from outages.life import Life
from outages.models import Outage
from outages.service import OutageService, facts_of
from outages.snapshot import load_board
from people.audit import use_secret
from storage.database import Database
from tests.outage_world import HOUR, Clock, Places, add_places, fault

T = TypeVar("T")
spans = st.integers(-72, 96).map(lambda hours: timedelta(hours=hours))
REFUSALS = {
    "end_before_start",
    "end_in_future",
    "not_started",
    "not_published",
    "already_published",
    "already_restored",
    "cancelled",
    "published_after_end",
    "not_submitted",
    "undo_too_late",
}


class OutageLife(RuleBasedStateMachine):
    """Operators of one utility at work, against a real database."""

    outages = Bundle("outages")
    migrated: Path
    """A database without rows, of which each round of the machine takes a copy."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(mkdtemp(prefix="alo-life-"))
        self.clock = Clock()
        self.refusals: set[str] = set()

    @initialize()
    def open_database(self) -> None:
        use_secret("the audit log's key in tests", None)
        file = self.folder / "alo185.db"
        shutil.copy(self.migrated, file)
        self.db = Database(f"sqlite:///{file}")
        self.places: Places = self.loop.run_until_complete(add_places(self.db))

    @rule(target=outages, starts=spans, lasts=spans, draft=st.booleans(), wide=st.booleans())
    def create(self, starts: timedelta, lasts: timedelta, draft: bool, wide: bool) -> int | None:
        begins = self.clock() + starts
        area = self.places.gebze if wide else self.places.yeni
        facts = fault(area, starts=begins, expected_end=begins + lasts)
        outage = self._do(lambda service: service.create(facts, draft=draft))
        assert (outage is None) == (lasts <= timedelta(0))
        return outage.id if outage else None

    @rule(outage=outages, at=st.none() | spans)
    def end(self, outage: int | None, at: timedelta | None) -> None:
        self._do_to(outage, lambda service, number: service.end(number, self.clock() + at if at is not None else None))

    @rule(outage=outages)
    def publish(self, outage: int | None) -> None:
        self._do_to(outage, lambda service, number: service.publish(number))

    @rule(outage=outages, at=spans)
    def publish_at(self, outage: int | None, at: timedelta) -> None:
        self._do_to(outage, lambda service, number: service.publish(number, at=self.clock() + at))

    @rule(outage=outages)
    def submit(self, outage: int | None) -> None:
        self._do_to(outage, lambda service, number: service.submit_for_review(number))

    @rule(outage=outages)
    def send_back(self, outage: int | None) -> None:
        self._do_to(outage, lambda service, number: service.send_back(number, "Saatler yanlış"))

    @rule(outage=outages)
    def undo(self, outage: int | None) -> None:
        async def undone(service: OutageService, number: int) -> None:
            await service.undo(number, (await service.get(number)).revision)

        self._do_to(outage, undone)

    @rule(outage=consumes(outages))
    def cancel(self, outage: int | None) -> None:
        self._do_to(outage, lambda service, number: service.cancel(number))

    @rule(outage=outages, starts=spans)
    def move(self, outage: int | None, starts: timedelta) -> None:
        self._do_to(outage, lambda service, number: service.change(number, starts=self.clock() + starts))

    @rule(outage=outages, back=st.none() | spans)
    def correct(self, outage: int | None, back: timedelta | None) -> None:
        end = self.clock() + back if back is not None else None
        self._do_to(outage, lambda service, number: service.change(number, actual_end=end))

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.clock.forward(hours * HOUR)
        self._do(lambda service: service.start_due())

    @invariant()
    def every_outage_makes_sense(self) -> None:
        if hasattr(self, "places"):
            self.loop.run_until_complete(self._look())

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.loop.run_until_complete(self.db.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    async def _look(self) -> None:
        now = self.clock()
        async with self.db.reading() as session:
            board = await load_board(session, now)
            spoken = {view.id for view in board.current(self.places.yeni, now)}
            for outage in await repository.outages(session, now=now, limit=500):
                _makes_sense(outage, now)
                assert (outage.id in spoken) == (outage.life is Life.active)
                history = await repository.revisions(session, outage.id)
                assert [revision.number for revision in history] == list(range(1, outage.revision + 1))
                lives = [r.changes["life"] for r in history if "life" in r.changes]
                assert [before for before, _ in lives[1:]] == [after for _, after in lives[:-1]]
                assert lives[-1][1] == outage.life
                assert life_before(history, outage.revision + 1) is outage.life
                assert facts_before(history, outage.revision + 1) == facts_of(outage)
                assert outage.publish_at is None or outage.life is Life.draft

    def _do_to(self, outage: int | None, work: Callable[[OutageService, int], Coroutine[Any, Any, Any]]) -> None:
        if outage is not None:
            self._do(lambda service: work(service, outage))

    def _do(self, work: Callable[[OutageService], Coroutine[Any, Any, T]]) -> T | None:
        return self.loop.run_until_complete(self._committed(work))

    async def _committed(self, work: Callable[[OutageService], Coroutine[Any, Any, T]]) -> T | None:
        async with self.db.session() as session:
            try:
                done = await work(OutageService(session, self.clock, "operator"))
            except OutageError as refused:
                if refused.code not in REFUSALS:
                    raise
                return None
            await session.commit()
            return done


def _makes_sense(outage: Outage, now: Any) -> None:
    facts = facts_of(outage)
    assert facts.areas
    assert outage.expected_end is None or outage.expected_end > outage.starts
    assert (outage.actual_end is not None) == (outage.life is Life.restored) or outage.life in (
        Life.cancelled,
        Life.draft,
    )
    if outage.actual_end is not None:
        assert outage.starts <= outage.actual_end <= now
    if outage.life is Life.scheduled:
        assert outage.starts > now
    if outage.life is Life.active:
        assert outage.starts <= now


def test_whatever_operators_do_in_whatever_order(sqlite_template: Path) -> None:
    OutageLife.migrated = sqlite_template
    rounds = settings(
        max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(OutageLife, settings=rounds)
