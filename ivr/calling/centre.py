"""Calls to citizens put together: the list, the dialler, Asterisk, and what goes on at the exchange."""

import asyncio
import contextlib
from zoneinfo import ZoneInfo

from calls.agents_queue import AgentsQueue
from dialling.calendar import is_public_holiday
from dialling.dialler import Dialler
from dialling.follow_up import FollowUp
from dialling.rules import Hours, Lines, Pace, Rules, never
from ivr.calling.errands import Errands
from ivr.calling.trunk import AriTrunk
from ivr.runner import Exchange
from ivr.service import Service, now
from ivr.settings import Settings

ALL = 1_000_000
"""More channels than there are: who is about to stop begins no calls."""


class ExchangeTraffic:
    """What this machine's Asterisk carries: calls in conversation, in the queue, and with agents."""

    def __init__(self, exchange: Exchange, queue: AgentsQueue) -> None:
        self._exchange = exchange
        self._queue = queue

    def in_use(self) -> int:
        if not self._exchange.open:
            return ALL
        queue = self._queue.state
        return self._exchange.calls + queue.waiting + queue.busy

    def agent_free(self) -> bool:
        return self._queue.state.free > 0


class CallingCentre:
    """Dials while the service runs. `errands` serves those who answer."""

    def __init__(self, service: Service, exchange: Exchange, queue: AgentsQueue, follow_up: FollowUp) -> None:
        settings, self.rules = service.settings, rules_of(service.settings)
        self.lines = Lines(settings.trunk_channels, settings.trunk_reserved, settings.calls_at_once)
        self.per_second = settings.calls_per_second
        self._traffic = ExchangeTraffic(exchange, queue)
        self.errands = Errands(service.db, now, self.rules, follow_up)
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
        self._dialling: asyncio.Task[None] | None = None

    def in_use(self) -> int:
        """For those who look; who is about to stop counts as full."""
        return min(self._traffic.in_use(), self.lines.channels)

    async def start(self) -> None:
        self._dialling = asyncio.create_task(self._dialler.run())

    async def stop(self) -> None:
        """What was written down as dialled and not placed by now counts as unknown, and waits for its next turn."""
        if self._dialling:
            self._dialling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._dialling
        await self._trunk.close()


def rules_of(settings: Settings) -> Rules:
    zone = ZoneInfo(settings.timezone)
    holiday = never if settings.calling_on_holidays else is_public_holiday
    hours = Hours(zone, settings.calling_from, settings.calling_until, holiday)
    return Rules(hours, settings.call_attempts, settings.calls_a_day)
