"""The worker that dials: several on PostgreSQL, one on SQLite, each able to die at any moment."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from dialling.claiming import Turn, claim, on_the_line
from dialling.errors import NotPlaced
from dialling.follow_up import FollowUp
from dialling.leases import BEAT, renew
from dialling.rules import Lines, Pace, Rules
from dialling.setting import Policy, policy_of
from dialling.stopping import stop_of
from dialling.work import Ring, Work
from storage.database import Database
from storage.keeping_on import keep_on

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two rounds."""
AFTER_TROUBLE = 30.0
"""Seconds without a call after the exchange did not take one."""
PLACED_WITHIN = 10.0
"""Seconds from writing an attempt down to placing it; a worker that was stopped meanwhile has lost its turn."""


class Trunk(Protocol):
    """The exchange's way out."""

    name: str

    async def place(self, ring: Ring) -> None:
        """Let the number ring; what becomes of it is reported. `NotPlaced` only when it certainly does not ring."""


class Traffic(Protocol):
    """What goes on at the exchange, measured at this moment."""

    def in_use(self) -> int:
        """Channels of the trunk that are taken, but for those that are still ringing out."""

    def turn(self) -> Turn:
        """Whose turn it is in the agents' queue."""
        ...


class Dialler:
    """`round` places what may be placed now, `beat` keeps it; `run` does both until it is cancelled."""

    def __init__(
        self,
        db: Database,
        trunk: Trunk,
        now: Callable[[], datetime],
        *,
        rules: Rules,
        lines: Lines,
        pace: Pace,
        traffic: Traffic,
        follow_up: FollowUp,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = str(uuid.uuid4())
        """Of this worker; what it has on the line is its own while it tells that it lives."""
        self._db, self._trunk, self._now, self._clock = db, trunk, now, clock
        self._rules, self._lines, self._pace, self._traffic = rules, lines, pace, traffic
        self._default = Policy(rules, lines, pace.per_second)
        """What counts unless administrators set something else."""
        self._follow_up = follow_up
        self._resume = float("-inf")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(keep_on(self.beat, BEAT, log, "telling that calls are looked after"))
            both.create_task(keep_on(self.round, PAUSE, log, "calls to citizens"))

    async def beat(self) -> None:
        """Tell that this worker lives. Apart from the rounds: an exchange may let one wait."""
        async with self._db.session() as session:
            if await renew(session, self.name, self._now()):
                await session.commit()

    async def round(self) -> int:
        """Settle what was lost, then dial as much as hours, pace and trunk allow; how many were placed."""
        async with self._db.session() as session:
            self._go_by(await policy_of(session, self._default))
            await self._work(session).sweep()
            await self._work(session).expire()
            ringing, talking = await on_the_line(session, self._now())
            stopped = await stop_of(session)
            await session.commit()
        if stopped or self._clock() < self._resume:
            return 0
        room = self._lines.room(self._traffic.in_use() + ringing, ringing + talking)
        most = self._pace.allowed(self._clock(), room)
        placed = [await self._dial(call_id) for call_id in await self._claimed(most)]
        return sum(placed)

    async def _claimed(self, most: int) -> list[int]:
        if not most:
            return []
        async with self._db.session() as session:
            hours = self._rules.hours.allow(self._now())
            claimed = await claim(session, self.name, self._now(), most, self._traffic.turn(), hours=hours)
            await session.commit()
        return claimed

    async def _dial(self, call_id: int) -> bool:
        async with self._db.session() as session:
            if await stop_of(session):
                return False  # its claim runs out
            began = self._clock()
            ring = await self._work(session).dial(call_id, self.name, self._trunk.name)
            await session.commit()
        if ring is None or self._clock() - began > PLACED_WITHIN:
            return False
        try:
            await self._trunk.place(ring)
        except NotPlaced as error:
            log.warning("a call to a citizen was not placed: %s", error)
            self._resume = self._clock() + AFTER_TROUBLE
            await self._take_back(ring)
            return False
        except Exception:  # it may ring all the same; the exchange's report or the lease settles it
            log.exception("it is unknown whether a call to a citizen was placed")
        return True

    async def _take_back(self, ring: Ring) -> None:
        async with self._db.session() as session:
            await self._work(session).unplaced(ring.token)
            await session.commit()

    def _go_by(self, policy: Policy) -> None:
        self._rules, self._lines, self._pace.per_second = policy.rules, policy.lines, policy.per_second

    def _work(self, session: AsyncSession) -> Work:
        return Work(session, self._now(), self._rules, self._follow_up)
