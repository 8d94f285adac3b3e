"""The live wall of this installation: running calls of all processes, the queue, demand, and the day so far."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agents.setup import Setup
from calls.agents_queue import AgentsQueue, LineState
from calls.demand import Rule, suggestions
from calls.journal import Journal
from calls.lately import Lately
from calls.live import Arrivals, count
from calls.processes import Figures, Processes
from calls.today import today
from calls.wall import DayServed, Demand, QueueLine, Wall, calls_now, day_served, demand_of, queue_lines, same
from calls.watch import Watch
from dialling.places import waiting
from ivr import dialplan
from outages.board import Board
from storage.database import Database
from storage.errors import StorageError
from tickets.reports import unexplained

log = logging.getLogger(__name__)

STORED_FOR = 5.0
"""Seconds for which what the database told is shown again, to however many walls."""
QUEUE_ASKED_EVERY = timedelta(seconds=5)
"""Agents come and go without a call, of which the dialplan tells nothing by itself."""


class WallDesk(Protocol):
    """What the wall asks of the desk; `ivr.service.HotlineDesk` is one."""

    @property
    def board(self) -> Board: ...

    def now(self) -> datetime: ...

    def mass_call(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database told last."""

    demand: tuple[Demand, ...] = ()
    queues: tuple[QueueLine, ...] = ()
    kept: int = 0
    today: DayServed | None = None
    problem: str | None = None


class LiveWall:
    """`wall()` is the present state; `watch` tells of changes. Nothing is counted while nobody looks."""

    def __init__(
        self,
        db: Database,
        desk: WallDesk,
        journals: Callable[[], Sequence[Journal]],
        *,
        rule: Rule,
        zone: str,
        secret: str | None = None,
        ask_queue: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`ask_queue` makes Asterisk report the queue's state anew, where it can be asked."""
        self._db = db
        self._desk = desk
        self._journals = journals
        self._rule = rule
        self._zone = zone
        self._secret = secret
        self._ask_queue = ask_queue
        self._asking: asyncio.Task[None] | None = None
        self._asked: datetime | None = None
        self._last = _Stored()
        self._stored = Lately(self._load, STORED_FOR, clock=lambda: desk.now().timestamp())
        self._sharing: asyncio.Task[None] | None = None
        self.arrivals = Arrivals(desk.now)
        self.queue = AgentsQueue(desk.now, dialplan.AGENTS_QUEUE)
        self.processes = Processes(db, desk.now, self._mine)
        self.watch: Watch[Wall] = Watch(self.wall, same=same)

    async def start(self) -> None:
        self._sharing = asyncio.create_task(self.processes.share())

    async def stop(self) -> None:
        await self.watch.stop()
        for task in filter(None, (self._sharing, self._asking)):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.processes.leave()

    async def wall(self) -> Wall:
        stored = await self._stored.get()
        board, figures = self._desk.board, await self.processes.figures()
        return Wall(
            at=self._desk.now(),
            calls=calls_now(figures, board),
            queue=LineState(**dict(figures.queue)),
            queues=queue_lines(figures.queue, stored.queues),
            kept_places=stored.kept,
            demand=stored.demand,
            today=stored.today,
            mass_call=self._desk.mass_call(),
            problem=stored.problem,
        )

    def demand_changed(self) -> None:
        """A suggestion was dismissed or became a draft: ask the database at the next look."""
        self._stored.forget()

    def _mine(self) -> Figures:
        """Only called while somebody looks, here or at another process."""
        self._keep_queue_fresh()
        live = count(self._journals(), self.arrivals, self._desk.board, self._desk.now())
        return Figures(calls=live, queue=self.queue.state)

    def _keep_queue_fresh(self) -> None:
        now = self._desk.now()
        lately = self._asked is not None and now - self._asked < QUEUE_ASKED_EVERY
        if self._ask_queue and not lately and self.queue.age >= QUEUE_ASKED_EVERY:
            self._asked = now
            self._asking = asyncio.ensure_future(self._ask_queue())

    async def _load(self) -> _Stored:
        """While the database is away, what it told last, and that it is away."""
        try:
            self._last = await self._read()
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("the wall shows old figures: %s", error)
            told = str(error) if isinstance(error, StorageError) else "The database does not answer."
            self._last = replace(self._last, problem=told)
        return self._last

    async def _read(self) -> _Stored:
        board, now = self._desk.board, self._desk.now()
        async with self._db.reading() as session:
            found = await suggestions(
                session,
                board,
                now,
                rule=self._rule,
                running=self._journals(),
                tickets=await unexplained(session, now - self._rule.span),
                secret=self._secret,
            )
            kept, day = await waiting(session), day_served(await today(session, now, self._zone))
            return _Stored(demand_of(found, board), await _queues(session, self._desk.now, kept), kept, day)


async def _queues(session: AsyncSession, now: Callable[[], datetime], kept: int) -> tuple[QueueLine, ...]:
    """Places are kept in the line that callers come to."""
    known = await Setup(session, now, "").queues(active=True)
    return tuple(
        QueueLine(
            name=row.name,
            label_tr=row.label_tr,
            label_en=row.label_en,
            kept=kept if row.name == dialplan.AGENTS_QUEUE else 0,
        )
        for row in known
    )
