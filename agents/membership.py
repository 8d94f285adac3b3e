"""Keeps the exchange's queues in step with what agents do."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from agents.errors import NotDone
from agents.exchange import Members, endpoint_of
from agents.models import AgentSession
from agents.states import State
from agents.work import AgentWork
from storage.database import Database

log = logging.getLogger(__name__)

PAUSED = (State.paused, State.wrap_up)


class Follower:
    """What is wanted stands in the database, what the exchange was told stands here; what is lost is told again."""

    def __init__(self, db: Database, now: Callable[[], datetime], members: Members | None) -> None:
        self._db, self._now, self._members = db, now, members
        self._told: dict[int, dict[str, bool]] = {}
        """By agent and queue: whether paused."""
        self._one_at_a_time: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._behind: set[int] = set()

    async def follow(self, user_id: int) -> None:
        """Tell the exchange what has changed about somebody; tried again later when it cannot be reached."""
        if self._members is None:
            return
        async with self._one_at_a_time[user_id]:
            try:
                await self._follow(self._members, user_id)
            except NotDone as error:
                log.warning("the queues do not know yet what agent %s does: %s", user_id, error)
                self._behind.add(user_id)
            else:
                self._behind.discard(user_id)

    async def anew(self, user_id: int) -> None:
        """The exchange may have forgotten them: it was started again."""
        self._told.pop(user_id, None)
        await self.follow(user_id)

    async def begin(self) -> None:
        """The service was started: everybody who is at the desk."""
        async with self._db.reading() as session:
            here = await session.scalars(select(AgentSession.user_id).where(AgentSession.ended.is_(None)))
        self._behind.update(here)

    async def mend(self) -> None:
        for user_id in sorted(self._behind):
            await self.follow(user_id)

    async def _follow(self, members: Members, user_id: int) -> None:
        wanted, reason = await self._wanted(user_id)
        told, endpoint = self._told.setdefault(user_id, {}), endpoint_of(user_id)
        for queue in [queue for queue in told if queue not in wanted]:
            await members.remove(endpoint, queue)
            del told[queue]
        for queue, paused in wanted.items():
            if queue not in told:
                await members.add(endpoint, queue, paused=paused)
            elif told[queue] != paused:
                await members.pause(endpoint, queue, paused, reason)
            told[queue] = paused

    async def _wanted(self, user_id: int) -> tuple[dict[str, bool], str]:
        async with self._db.reading() as session:
            work = AgentWork(session, self._now)
            row = await work.present(user_id)
            queues = await work.queues_of(user_id) if row else ()
        return dict.fromkeys(queues, row is not None and row.state in PAUSED), row.state if row else State.out
