"""From the operator's commit to what callers are served: within a second, and through every failure around it."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from outages.board import Board
from outages.keeper import PATIENCE, BoardKeeper
from outages.life import Life
from outages.models import Area, Outage
from outages.service import OutageService
from outages.snapshot import read_copy, write_copy
from storage.database import Database
from storage.errors import StorageError
from tests.clusters import Cluster
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault

SECOND = 1.0


class Renderer:
    """Stands for the prompt library: remembers what it was asked for, and fails or hangs when told to."""

    def __init__(self) -> None:
        self.boards: list[Board] = []
        self.broken = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def prepare(self, board: Board) -> None:
        await self.gate.wait()
        if self.broken:
            raise RuntimeError("no voice")
        self.boards.append(board)


class Seconds:
    """A monotonic clock that is turned by hand."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
async def keeper(
    db: Database, places: Places, clock: Clock, seconds: Seconds, renderer: Renderer, tmp_path: Path
) -> AsyncIterator[BoardKeeper]:
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=tmp_path / "board.json", clock=seconds)
    await keeper.look()
    yield keeper
    renderer.gate.set()
    await keeper.stop()


async def record(db: Database, clock: Clock, area: int, **changes: object) -> Outage:
    async with db.session() as session:
        outage = await OutageService(session, clock, "ayse").create(replace(fault(area), **changes))  # type: ignore[arg-type]
        await session.commit()
        return outage


async def until(true: Callable[[], bool], within: float = 10 * SECOND) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what is waited for is a property, as callers meet it
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_callers_hear_a_change_within_a_second(
    db: Database, places: Places, clock: Clock, renderer: Renderer, tmp_path: Path
) -> None:
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=tmp_path / "board.json")
    await keeper.start()
    waits = []
    for _ in range(8):
        outage = await record(db, clock, places.yeni)
        waits.append(await until(lambda seen=outage.id: seen in {o.id for o in keeper.board.outages}))
    await keeper.stop()
    assert statistics.quantiles(waits, n=20)[-1] <= 1.0
    assert {o.id for o in renderer.boards[-1].outages} == {o.id for o in keeper.board.outages}


async def test_a_change_that_says_nothing_new_is_not_looked_at_twice(keeper: BoardKeeper, renderer: Renderer) -> None:
    for _ in range(3):
        await keeper.look()
    assert len(renderer.boards) == 1


async def test_callers_are_served_only_what_can_be_said(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock, seconds: Seconds, renderer: Renderer
) -> None:
    renderer.broken = True
    await record(db, clock, places.yeni)
    await keeper.look()
    assert keeper.board.outages == ()
    assert keeper.problem is not None
    assert "no voice" in keeper.problem
    renderer.broken = False
    await keeper.look()
    assert keeper.board.outages == ()  # a second has not passed
    seconds.passed += SECOND
    await keeper.look()
    assert len(keeper.board.outages) == 1
    assert keeper.problem is None


async def test_a_voice_that_stays_away_does_not_keep_the_news_from_callers(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock, seconds: Seconds, renderer: Renderer
) -> None:
    renderer.broken = True
    await record(db, clock, places.yeni)
    await keeper.look()
    seconds.passed += PATIENCE
    await keeper.look()
    assert len(keeper.board.outages) == 1
    assert keeper.problem is not None


async def test_a_newer_change_does_not_wait_for_the_retry_of_an_older(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock, renderer: Renderer
) -> None:
    renderer.broken = True
    outage = await record(db, clock, places.yeni, announcement_tr="not speakable")
    await keeper.look()
    renderer.broken = False
    async with db.session() as session:
        await OutageService(session, clock, "ayse").change(outage.id, announcement_tr=None)
        await session.commit()
    await keeper.look()
    assert len(keeper.board.outages) == 1


async def test_what_changes_with_the_hour_is_prepared_again(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock, renderer: Renderer
) -> None:
    await record(db, clock, places.yeni, expected_end=START + timedelta(minutes=2))
    await keeper.look()
    prepared = len(renderer.boards)
    clock.forward(timedelta(minutes=1))
    await keeper.look()
    assert len(renderer.boards) == prepared
    clock.forward(timedelta(minutes=1))  # the estimate has passed
    await keeper.look()
    assert len(renderer.boards) == prepared + 1
    clock.forward(timedelta(minutes=5))
    await keeper.look()
    assert len(renderer.boards) == prepared + 2


async def test_what_has_started_is_active_for_operators_too(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock
) -> None:
    outage = await record(db, clock, places.yeni, starts=START + HOUR)
    await keeper.look()
    assert keeper.board.current(places.yeni, clock()) == []
    clock.forward(HOUR)
    assert len(keeper.board.current(places.yeni, clock())) == 1
    await keeper.look()
    async with db.reading() as session:
        started = await OutageService(session, clock, "").get(outage.id)
    assert started.life is Life.active


async def test_an_area_that_was_merged_is_known_as_its_successor(keeper: BoardKeeper, places: Places) -> None:
    area = keeper.board.area(places.merged)
    assert area is not None
    assert area.id == places.baris
    assert places.merged not in keeper.board.areas


async def test_callers_hear_an_outage_of_an_area_that_was_merged_while_it_lasts(
    db: Database, keeper: BoardKeeper, places: Places
) -> None:
    async with db.session() as session:
        await OutageService(session, lambda: START, "test").create(fault(places.yeni))
        area = await session.get_one(Area, places.yeni)
        area.active, area.merged_into = False, places.baris
        await session.commit()
    await keeper.refresh()
    assert [outage.area_ids for outage in keeper.board.current(places.baris, START)] == [{places.baris}]


async def test_the_mass_call_switch_and_broadcasts_reach_the_board(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock
) -> None:
    async with db.session() as session:
        service = OutageService(session, clock, "ayse")
        await service.mass_call(True, START + HOUR)
        await service.announce("Su içmeyin.", START + HOUR, text_en="Do not drink the water.")
        await session.commit()
    await keeper.look()
    assert keeper.board.mass_call
    assert keeper.board.broadcasts_now(START)[0].text == {"tr": "Su içmeyin.", "en": "Do not drink the water."}
    clock.forward(HOUR)
    await keeper.look()
    assert keeper.board.broadcasts == ()


async def test_a_draft_goes_out_at_its_hour_by_the_clock_alone(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock
) -> None:
    soon = START + timedelta(minutes=2)
    async with db.session() as session:
        service = OutageService(session, clock, "ayse")
        draft = await service.create(fault(places.yeni), draft=True)
        await service.publish(draft.id, at=soon)
        await session.commit()
    await keeper.look()
    assert keeper.board.outages == ()
    clock.forward(timedelta(seconds=119))
    await keeper.look()
    assert keeper.board.outages == ()
    clock.forward(timedelta(seconds=1))
    await keeper.look()
    await keeper.look()
    assert [outage.id for outage in keeper.board.current(places.yeni, clock())] == [draft.id]


async def test_the_mass_call_switch_is_looked_at_again_when_it_ends(
    db: Database, keeper: BoardKeeper, clock: Clock, renderer: Renderer
) -> None:
    async with db.session() as session:
        await OutageService(session, clock, "ayse").mass_call(True, START + timedelta(seconds=90))
        await session.commit()
    await keeper.look()
    made = len(renderer.boards)
    clock.forward(timedelta(seconds=90))
    await keeper.look()
    assert len(renderer.boards) == made + 1
    assert not keeper.board.mass_call_at(clock())


async def test_the_copy_says_all_that_the_board_says(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock, tmp_path: Path
) -> None:
    await record(db, clock, places.yeni, areas={places.yeni: "İnönü Caddesi"}, announcement_tr="Geçmiş olsun.")
    await keeper.look()
    assert read_copy(tmp_path / "board.json") == keeper.board


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1}', b"\xff\xfe"])
def test_a_broken_copy_is_no_copy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "board.json").write_bytes(content)
    assert read_copy(tmp_path / "board.json") is None


async def test_a_copy_that_cannot_be_written_is_told_and_keeps_nobody_waiting(
    db: Database, places: Places, clock: Clock, renderer: Renderer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=tmp_path / "file" / "board.json")
    await keeper.look()
    assert keeper.board.districts
    assert keeper.problem is not None
    assert "copy of the board" in keeper.problem


async def test_a_start_without_database_serves_the_copy_and_says_how_old_it_is(
    clock: Clock, renderer: Renderer, tmp_path: Path
) -> None:
    db = Database(f"sqlite:///{tmp_path / 'lost.db'}")
    copy = tmp_path / "board.json"
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=copy)
    with pytest.raises(StorageError):
        await keeper.start()
    write_copy(Board(version=7, made=START - 2 * HOUR, areas={}, outages=()), copy)
    await keeper.start()
    assert keeper.from_copy
    assert keeper.age == 2 * HOUR
    await db.migrate()
    await until(lambda: not keeper.from_copy)
    assert keeper.age == timedelta(0)
    await keeper.stop()
    await db.close()


async def test_a_server_that_fails_and_returns_is_heard_again(
    clock: Clock, renderer: Renderer, tmp_path: Path, own_cluster: Cluster
) -> None:
    db = Database(own_cluster.url("postgres"))
    await db.migrate()
    places = await add_places(db)
    await record(db, clock, places.yeni)
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=tmp_path / "board.json")
    await keeper.start()
    own_cluster.stop()
    await until(lambda: keeper.problem is not None)
    clock.forward(HOUR)
    assert len(keeper.board.outages) == 1
    assert keeper.age == HOUR
    own_cluster.start()
    await until(lambda: keeper.problem is None)
    await record(db, clock, places.baris)
    assert await until(lambda: len(keeper.board.outages) == 2) <= 1.0
    await keeper.stop()
    await db.close()


async def test_a_slow_rendering_goes_on_and_callers_keep_the_board_they_can_hear(
    db: Database, places: Places, clock: Clock, seconds: Seconds, renderer: Renderer, tmp_path: Path
) -> None:
    copy = tmp_path / "board.json"
    keeper = BoardKeeper(db, now=clock, prepare=renderer.prepare, copy=copy, clock=seconds, attempt=0.01)
    await keeper.look()
    renderer.gate.clear()
    await record(db, clock, places.yeni)
    await keeper.look()
    assert keeper.board.outages == ()
    assert keeper.problem is not None
    renderer.gate.set()
    seconds.passed += SECOND
    await keeper.look()
    assert len(keeper.board.outages) == 1
    await keeper.stop()


async def test_reading_the_board_needs_no_database(
    db: Database, keeper: BoardKeeper, places: Places, clock: Clock
) -> None:
    await record(db, clock, places.yeni)
    await keeper.look()
    await db.close()
    assert keeper.board.current(places.yeni, clock())


def test_the_copy_is_never_half_written(tmp_path: Path) -> None:
    copy = tmp_path / "board.json"
    write_copy(Board(version=1, made=START, areas={}, outages=()), copy)
    write_copy(Board(version=2, made=START, areas={}, outages=()), copy)
    assert json.loads(copy.read_bytes())["version"] == 2
    assert [file.name for file in tmp_path.iterdir()] == ["board.json"]
