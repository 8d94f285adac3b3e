"""Calls to citizens put together: the list, the dialler, Asterisk, and what goes on at the exchange."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from calls.agents_queue import AgentsQueue
from dialling.claiming import Turn
from dialling.dialler import Dialler
from dialling.follow_up import FollowUp
from dialling.places import waiting
from dialling.rules import Lines, Pace
from dialling.turns import Turns
from ivr.ari.asking_queue import QueueAsker
from ivr.calling.errands import Errands
from ivr.calling.ruling import rules_of
from ivr.calling.trunk import AriTrunk
from ivr.calling.waiting import Places
from ivr.clock import now
from ivr.runner import Exchange
from ivr.service import Service
from storage.keeping_on import keep_on

log = logging.getLogger(__name__)

WATCHED_EVERY = 2.0
"""Seconds."""
ALL = 1_000_000
"""More channels than there are: who is about to stop begins no calls."""


class ExchangeTraffic:
    """What this machine's Asterisk carries: calls in conversation, in the queue, and with agents."""

    def __init__(self, exchange: Exchange, queue: AgentsQueue, held: Callable[[], int] = lambda: 0) -> None:
        """`held`: agents who are kept free for those whose place is kept."""
        self._exchange, self._queue, self._held = exchange, queue, held

    def in_use(self) -> int:
        if not self._exchange.open:
            return ALL
        return self._exchange.calls + self._queue.state.waiting + self._queue.talking

    def turn(self) -> Turn:
        """While others wait on the line, the queue itself tells by whom the agent is due (`dialling.turns`)."""
        queue, held = self._queue.main, self._held()
        if held:
            return Turn(held)
        return Turn(0 if queue.waiting else queue.free, queue.longest_since)

    def spare(self) -> int:
        """Agents who are free besides one, for a caller who waits alone."""
        queue = self._queue.main
        return max(0, queue.free - 1) if queue.waiting <= 1 else 0


class CallingCentre:
    """Dials while the service runs. `errands` serves those who answer."""

    def __init__(self, service: Service, exchange: Exchange, queue: AgentsQueue, follow_up: FollowUp) -> None:
        settings, self.rules = service.settings, rules_of(service.settings)
        self.lines = Lines(settings.trunk_channels, settings.trunk_reserved, settings.calls_at_once)
        self.per_second = settings.calls_per_second
        self._traffic = ExchangeTraffic(exchange, queue, lambda: self.turns.held)
        self.turns = Turns(service.db, now, self._traffic.spare)
        self.places = Places(service.db, now, settings.secret("caller-hash"), queue, self.rules.hours)
        self._db, self._asker = service.db, QueueAsker(settings)
        self._trunk = AriTrunk(settings)
        self._dialler = Dialler(
            service.db,
            self._trunk,
            now,
            rules=self.rules,
            lines=self.lines,
            pace=Pace(self.per_second),
            traffic=self._traffic,
            follow_up=follow_up,
        )
        self.errands = Errands(service.db, now, self.rules, follow_up, self._dialler.name)
        self._tasks: list[asyncio.Task[None]] = []

    def in_use(self) -> int:
        """For those who look; who is about to stop counts as full."""
        return min(self._traffic.in_use(), self.lines.channels)

    async def start(self) -> None:
        watching = keep_on(self._look_at_queue, WATCHED_EVERY, log, "looks at the agents' queue")
        self._tasks = [asyncio.create_task(self._dialler.run()), asyncio.create_task(watching)]

    async def stop(self) -> None:
        """What was written down as dialled and not placed by now counts as unknown, and waits for its next turn."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._trunk.close()
        await self._asker.close()

    async def _look_at_queue(self) -> None:
        """While somebody's place is kept: agents become free without any call that would tell it."""
        async with self._db.reading() as session:
            self.places.count = await waiting(session)
        if self.places.count:
            await self._asker.ask()
