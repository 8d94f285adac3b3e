"""Runs the conversation of each call, and sees to it that a caller whom it fails still reaches a person."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callflows.call import Call, CallEnded, TransferNote
from callflows.desk import Desk
from callflows.hotline import hotline
from calls.journal import Journal, Outcome
from calls.privacy import masked
from ivr import dialplan
from ivr.line import Line

log = logging.getLogger(__name__)

Flow = Callable[[Call, Desk], Awaitable[None]]
MOST_CALLS = 900
LAST_CALLS = 2.0
"""Seconds in which calls that are sent away leave, and their journals are saved."""
FAILED_PRIORITY = 5
"""Whom we failed is served before those who merely ask, and after a hazard."""


class Records(Protocol):
    """Where journals go; `calls.records.CallRecords` is one."""

    async def save(self, journal: Journal) -> None: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call that we placed: what is said in it, and where its journal goes."""

    flow: Flow
    records: Records


class Exchange:
    """The calls of this process. `open` says whether one more may come in."""

    def __init__(
        self,
        desk: Desk,
        records: Records,
        now: Callable[[], datetime],
        *,
        flow: Flow = hotline,
        at_most: int = MOST_CALLS,
        arrived: Callable[[], None] = lambda: None,
        shown: Callable[[Line], None] = lambda line: None,
        handed_over: Callable[[Journal], None] = lambda journal: None,
    ) -> None:
        """`shown` is told of every call as it begins: who shows a call to its own caller finds it so.

        `handed_over` is given the journals of callers who go on to a person.
        """
        self._desk = desk
        self._records = records
        self._now = now
        self._flow = flow
        self._at_most = at_most
        self._arrived = arrived
        self._shown = shown
        self._handed_over = handed_over
        self._running: dict[Line, asyncio.Future[None]] = {}
        self._closed = False

    @property
    def open(self) -> bool:
        return not self._closed and len(self._running) < self._at_most

    @property
    def calls(self) -> int:
        return len(self._running)

    @property
    def journals(self) -> list[Journal]:
        """Of the calls that run now, as they are being written."""
        return [line.told() for line in self._running]

    async def take(self, line: Line, outgoing: Outgoing | None = None) -> None:
        """Answer and serve one call to its end. When its connection is lost, a verb raises CallEnded."""
        over = self._running[line] = asyncio.get_running_loop().create_future()
        self._shown(line)
        try:
            await self._serve(line, outgoing)
        finally:
            del self._running[line]
            over.set_result(None)

    async def drain(self, seconds: float) -> None:
        """Take no new calls, let those that run finish, and send the rest on into the dialplan."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=seconds)
        if left := dict(self._running):
            letting_go = [asyncio.create_task(line.let_go()) for line in left]
            await asyncio.wait({*letting_go, *left.values()}, timeout=LAST_CALLS)

    async def _serve(self, line: Line, outgoing: Outgoing | None) -> None:
        if outgoing is None:
            self._arrived()
        what = outgoing or Outgoing(self._flow, self._records)
        await run_call(line, self._desk, flow=_answered(what.flow, line), records=what.records, now=self._now)
        if line.journal.outcome in (Outcome.transferred, Outcome.failed):
            self._handed_over(line.journal)
        await line.let_go()
        line.discard_recordings()


def _answered(flow: Flow, line: Line) -> Flow:
    async def answer_first(call: Call, desk: Desk) -> None:
        await line.answer()
        await flow(call, desk)

    return answer_first


async def run_call(
    call: Call, desk: Desk, *, flow: Flow = hotline, records: Records, now: Callable[[], datetime]
) -> None:
    """Hold the conversation; whatever happens, the caller ends with a goodbye or a person, and the journal is kept."""
    try:
        await flow(call, desk)
        await call.hang_up()
    except CallEnded:
        await call.hang_up()
    except Exception:  # whatever a flow does wrong, the caller must reach a person
        log.exception("call %s from %s failed", call.call_id, masked(call.caller.number))
        await _find_person(call, desk)
    call.journal.ended = now()
    try:
        await records.save(call.journal)
    except Exception:  # a record must never hurt the service
        log.exception("the record of call %s was lost", call.call_id)


async def _find_person(call: Call, desk: Desk) -> None:
    """Apologise and transfer. When even that fails, the line is let go, and the dialplan's fallback goes on."""
    call.journal.outcome = Outcome.failed
    call.journal.reason = "failed"
    language = call.journal.language
    try:
        await call.say(desk.catalogue.phrase("error.apology", language))
    except CallEnded:
        return
    except Exception:  # what cannot even apologise has nothing to play; Asterisk has its own files
        log.exception("no apology in call %s; the dialplan goes on", call.call_id)
        return
    note = TransferNote("failed", language=language, priority=FAILED_PRIORITY)
    try:
        await call.transfer(dialplan.AGENTS_QUEUE, note)
    except CallEnded:
        return
    except Exception:  # the same
        log.exception("call %s could not be handed over; the dialplan goes on", call.call_id)
