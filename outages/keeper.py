"""Keeps the board that callers are served from in step with the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from outages.board import Board
from outages.recording import CHANNEL
from outages.repository import next_publication
from outages.service import OutageService
from outages.snapshot import board_version, load_board, read_copy, write_copy
from storage.database import Database
from storage.errors import StorageError
from storage.notices import Notices

log = logging.getLogger(__name__)

AFRESH = timedelta(minutes=5)
"""Spoken words change with time ("bugün", "yarın", a passed estimate) though the facts do not."""
ATTEMPT = 5.0
"""Seconds that a change waits for its prompts in one go."""
PATIENCE = 30.0
"""Seconds after which a change is served without its prompts: a person is better than yesterday's news."""
RETRY = 1.0
SLOW = "Rendering the prompts of the latest change takes unusually long."


class BoardKeeper:
    """Loads, has the prompts made, then swaps. `board` is always at hand and never touches the database."""

    def __init__(
        self,
        db: Database,
        *,
        now: Callable[[], datetime],
        prepare: Callable[[Board], Awaitable[None]],
        copy: Path,
        zone: str = "Europe/Istanbul",
        clock: Callable[[], float] = time.monotonic,
        attempt: float = ATTEMPT,
    ) -> None:
        self._db = db
        self._now = now
        self._prepare = prepare
        self._copy = copy
        self._zone = ZoneInfo(zone)
        self._clock = clock
        self._attempt = attempt
        self._board: Board | None = None
        self._confirmed: datetime | None = None
        self._due: datetime | None = None
        self._publication: datetime | None = None
        self._tried: int | None = None
        self._retry_at = 0.0
        self._late_since: float | None = None
        self._rendering: asyncio.Future[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._swapped = asyncio.Event()
        self.from_copy = False
        """Whether callers are served from the copy on disk because the database has not answered since the start."""
        self.problem: str | None = None
        """What keeps callers from hearing the database's present state, for `doctor` and the operators."""

    @property
    def board(self) -> Board:
        if self._board is None:
            raise RuntimeError("the board keeper has not been started")
        return self._board

    @property
    def age(self) -> timedelta:
        """How long ago the board was last known to say what the database says."""
        return self._now() - (self._confirmed or self.board.made)

    async def after(self, board: Board) -> Board:
        """The next board that callers are served from; at once when that one is old already."""
        while self.board is board:
            await self._swapped.wait()
        return self.board

    async def start(self) -> None:
        """Raises `StorageError` when there is neither a database nor a copy of what it last said."""
        try:
            await self.look()
        except StorageError as error:
            self._board = self._board or read_copy(self._copy)
            if self._board is None:
                raise
            self.from_copy = self._confirmed is None
            self._report(str(error))
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        tasks = [task for task in (self._watching, self._rendering) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._watching = self._rendering = None

    async def look(self) -> None:
        """One look at the database: refresh if it says something new, or if time has made old words wrong."""
        async with self._db.reading() as session:
            version = await board_version(session)
        if self._tried == version and self._clock() < self._retry_at:
            return
        if self._board is None or version != self._board.version or self.problem or self._is_due():
            await self.refresh()
            await self._start_due()
        else:
            self._confirmed = self._now()

    async def refresh(self) -> None:
        """Load, have rendered, swap. While prompts fail, callers keep the board they can hear, up to `PATIENCE`."""
        async with self._one_at_a_time:
            async with self._db.reading() as session:
                board = await load_board(session, self._now())
                self._publication = await next_publication(session)
            self._tried = board.version
            problem = await self._rendered(board)
            self._retry_at = self._clock() + RETRY if problem else 0.0
            if problem is None:
                self._late_since = None
            if problem is None or not self._may_wait():
                self._board, self.from_copy, self._confirmed = board, False, board.made
                self._swapped.set()
                self._swapped = asyncio.Event()
                self._due = self._next_due(board)
                problem = await self._kept(board) or problem
            self._report(problem)

    async def _watch(self) -> None:
        async with Notices(self._db, CHANNEL) as notices:
            while True:
                await notices.next(RETRY if self.problem else self._until_due())
                try:
                    await self.look()
                except StorageError as error:
                    self._report(str(error))
                except Exception:  # the watch outlives whatever happens, or callers would hear old news for ever
                    log.exception("watching the board failed")
                    self.problem = "The board cannot be brought up to date; see the log."

    async def _rendered(self, board: Board) -> str | None:
        """What keeps callers from hearing all of it. A slow rendering goes on: cut off, its work would be lost."""
        if self._rendering and not await self._done(self._rendering):
            return SLOW
        self._rendering = asyncio.ensure_future(self._prepare(board))
        if not await self._done(self._rendering):
            return SLOW
        error = self._rendering.exception()
        return f"The prompts of the latest change cannot be rendered: {error}" if error else None

    def _may_wait(self) -> bool:
        if self._late_since is None:
            self._late_since = self._clock()
        return self._board is not None and self._clock() - self._late_since < PATIENCE

    async def _kept(self, board: Board) -> str | None:
        try:
            await asyncio.to_thread(write_copy, board, self._copy)
        except OSError as error:
            return f"The copy of the board cannot be written ({error.strerror}): check the disk and its permissions."
        return None

    async def _start_due(self) -> None:
        """Operators see as active what callers hear as such."""
        async with self._db.reading() as session:
            if not await OutageService(session, self._now, "system").due():
                return
        async with self._db.session() as session:
            await OutageService(session, self._now, "system").start_due()
            await session.commit()

    def _is_due(self) -> bool:
        return self._due is None or self._now() >= self._due

    def _until_due(self) -> float:
        return max(0.0, (self._due - self._now()).total_seconds()) if self._due else 0.0

    def _next_due(self, board: Board) -> datetime:
        now = self._now()
        tomorrow = now.astimezone(self._zone).date() + timedelta(days=1)
        moments = [now + AFRESH, datetime.combine(tomorrow, datetime.min.time(), self._zone)]
        moments += [moment for outage in board.outages for moment in (outage.starts, outage.expected_end) if moment]
        moments += [broadcast.ends for broadcast in board.broadcasts]
        moments += [moment for moment in (board.mass_call_until, self._publication) if moment]
        return min(moment for moment in moments if moment > now)

    def _report(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            log.warning("callers may hear an older state: %s", problem)
        self.problem = problem

    async def _done(self, rendering: asyncio.Future[None]) -> bool:
        await asyncio.wait([rendering], timeout=self._attempt)
        return rendering.done()
