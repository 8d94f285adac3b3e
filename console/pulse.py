"""What open pages are told of besides the board: calls to citizens, and whether all of them are stopped."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import OPEN
from dialling.models import CallAttempt, OutboundCall
from dialling.stopping import stop_of
from storage.database import Database
from storage.errors import StorageError
from tickets.life import State
from tickets.models import Ticket

FRESH = 1.0
"""Seconds for which all pages of this process share one look."""
WITH_CITIZEN = (State.done, State.confirming, State.unreachable)
"""The field has done its part."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The emergency stop, as every page shows it."""

    since: datetime
    who: str
    note: str | None


class Pulse:
    """One for all pages of a process. Without the database it keeps what it saw last."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._db, self._clock = db, clock
        self._lock = asyncio.Lock()
        self._seen = self._calls_seen = float("-inf")
        self.stopped: Stopped | None = None
        self.calls: object = None
        """Equal while nothing has happened to calls back."""

    def stale(self) -> None:
        """Something was changed here: look anew."""
        self._seen = self._calls_seen = float("-inf")

    async def look(self, *, calls: bool = False) -> None:
        async with self._lock:
            at = self._clock()
            if at - self._seen < FRESH and (not calls or at - self._calls_seen < FRESH):
                return
            try:
                async with self._db.reading() as session:
                    await self._read(session, at, calls)
            except StorageError:
                return

    async def _read(self, session: AsyncSession, at: float, calls: bool) -> None:
        stop = await stop_of(session)
        self.stopped = Stopped(stop.since, stop.who, stop.note) if stop else None
        self._seen = at
        if calls:
            self.calls = await _fingerprint(session)
            self._calls_seen = at


async def _fingerprint(session: AsyncSession) -> object:
    listed = select(OutboundCall.state, func.count(), func.sum(OutboundCall.attempts), func.max(OutboundCall.due))
    listed = listed.where(OutboundCall.state.in_(OPEN)).group_by(OutboundCall.state).order_by(OutboundCall.state)
    waiting = select(func.count(), func.max(Ticket.updated)).where(Ticket.state.in_(WITH_CITIZEN))
    return (
        [tuple(row) for row in await session.execute(listed)],
        [tuple(row) for row in await session.execute(waiting)],
        await session.scalar(select(func.max(CallAttempt.id))),
    )
