"""The desk that every call's flow talks to, over the house's own board, memory, tickets and subscribers."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.exc import SQLAlchemyError

from callflows.call import Caller
from callflows.desk import Report, Wish
from calls.memory import CallerMemory
from ivr.calling.promising import Promises
from ivr.subscribing import Subscribing
from outages.board import Board
from outages.keeper import BoardKeeper
from prompts.catalogue import Catalogue
from storage.errors import StorageError
from tickets.service import TicketService
from tickets.status import PhoneStatus

log = logging.getLogger(__name__)

MINUTE = 60.0
SHORT_WAIT = timedelta(seconds=30)
"""Not worth telling."""
RECALL, RECALL_SUBSCRIBER = 0.5, 0.8
"""Seconds that a caller may wait for their remembered area, and for that of the subscriber whose number it is."""


class CallRate:
    """Calls of the last minute, to tell a mass call from an ordinary day."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._arrivals: deque[float] = deque(maxlen=per_minute + 1)

    def arrived(self) -> None:
        self._arrivals.append(self._clock())

    def above(self) -> bool:
        return len(self._arrivals) > self._limit and self._arrivals[0] > self._clock() - MINUTE


class HotlineDesk:
    """The Desk of every call."""

    def __init__(
        self,
        catalogue: Catalogue,
        keeper: BoardKeeper,
        memory: CallerMemory,
        tickets: TicketService,
        rate: CallRate,
        subscribing: Subscribing,
        clock: Callable[[], datetime],
        promises: Promises | None = None,
    ) -> None:
        """`promises`: None where citizens are not called. The agents' queue is known once the line is open."""
        self.catalogue = catalogue
        self._keeper = keeper
        self._memory = memory
        self._tickets = tickets
        self._rate = rate
        self._subscribing = subscribing
        self._clock = clock
        self._promises = promises
        self.expected_wait: Callable[[], timedelta | None] = lambda: None

    @property
    def board(self) -> Board:
        return self._keeper.board

    def now(self) -> datetime:
        return self._clock()

    def mass_call(self) -> bool:
        return self.board.mass_call_at(self.now()) or self._rate.above()

    def minutes_to_wait(self) -> int | None:
        wait = self.expected_wait()
        return ceil(wait / timedelta(minutes=1)) if wait and wait >= SHORT_WAIT else None

    async def area_of(self, caller: Caller) -> int | None:
        if caller.number is None:
            return None
        try:
            async with asyncio.timeout(RECALL):
                remembered = await self._memory.area_of(caller.number)
            if remembered is not None:
                return remembered
            async with asyncio.timeout(RECALL_SUBSCRIBER):
                return await self._subscribing.area_of_phone(caller.number)
        except (TimeoutError, StorageError, SQLAlchemyError, OSError) as error:
            log.warning("a caller's area could not be looked up (%s); they are asked for it", type(error).__name__)
            return None

    def takes_subscriber_numbers(self) -> bool:
        return self._subscribing.any

    async def subscriber_area(self, number: str, caller: Caller) -> int | None:
        return await self._subscribing.area_of_number(number, caller.number)

    async def remember_area(self, caller: Caller, area_id: int) -> None:
        if caller.number:
            await self._memory.remember(caller.number, area_id)

    def may_call(self, number: str) -> bool:
        return self._promises is not None and self._promises.may_call(number)

    async def call_when_back(self, wish: Wish) -> bool:
        return self._promises is not None and await self._promises.keep(wish)

    async def open_ticket(self, report: Report) -> str:
        return await self._tickets.open(report)

    async def ticket_state(self, number: str, caller: Caller) -> PhoneStatus | None:
        return await self._tickets.state(number, caller.number)
