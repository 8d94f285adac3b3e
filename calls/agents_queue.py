"""The agents' queue as Asterisk last told it. Each report holds whole counts, so that a lost one mends itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

QueueEvent = Literal["joined", "answered", "left", "state"]
MOST_WAITING = 1000
"""Callers whose time of joining is kept; the queue itself takes 90."""
FORGOTTEN_AFTER = timedelta(hours=2)
LONGEST_WAIT = timedelta(minutes=10)
"""Nobody is kept waiting so long; whoever has not been heard of since is gone, and Asterisk was restarted."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a dialplan tells at one moment. `call` is Asterisk's own id of the caller's channel."""

    event: QueueEvent
    call: str
    waiting: int
    logged_in: int
    free: int
    paused: int


class QueueState(BaseModel):
    """Who waits, and who could answer."""

    model_config = ConfigDict(frozen=True)

    waiting: int = 0
    longest_since: datetime | None = Field(None, description="When the caller who waits longest joined.")
    free: int = 0
    busy: int = 0
    paused: int = 0
    told: datetime | None = Field(None, description="When Asterisk told this; null when it never has.")

    def longest_wait(self, now: datetime) -> timedelta:
        return now - self.longest_since if self.longest_since else timedelta()


class AgentsQueue:
    """Takes reports in whatever order they come."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._joined: dict[str, datetime] = {}
        self._gone: dict[str, datetime] = {}
        self._last: Report | None = None
        self._told: datetime | None = None

    def report(self, report: Report) -> datetime | None:
        """When a caller had joined who waits no longer; None for others, and where that is not known."""
        now = self._told = self._now()
        self._last, joined = report, None
        if report.event == "joined" and report.call not in self._gone:
            self._joined.setdefault(report.call, now)
        elif report.event in ("answered", "left"):
            joined = self._joined.pop(report.call, None)
            self._gone[report.call] = now
        self._forget(now)
        return joined

    def joined_before(self, at: datetime) -> int:
        """How many of those who wait have waited longer."""
        return sum(joined < at for joined in self._joined.values())

    @property
    def age(self) -> timedelta:
        """How long ago the latest report came."""
        return self._now() - self._told if self._told else timedelta.max

    @property
    def state(self) -> QueueState:
        last = self._last
        if last is None:
            return QueueState()
        waiting = last.waiting if self.age < LONGEST_WAIT else 0
        # of more who joined than wait, the oldest are those whose leaving was not told
        since = sorted(self._joined.values())[-waiting:] if waiting else []
        return QueueState(
            waiting=waiting,
            longest_since=since[0] if since else None,
            free=last.free,
            busy=max(0, last.logged_in - last.free - last.paused),
            paused=last.paused,
            told=self._told,
        )

    def _forget(self, now: datetime) -> None:
        if self._last and not self._last.waiting:
            self._joined.clear()
        for calls in (self._joined, self._gone):
            for call in [c for c, at in calls.items() if now - at > FORGOTTEN_AFTER]:
                del calls[call]
            while len(calls) > MOST_WAITING:
                del calls[next(iter(calls))]


def all_queues(states: list[QueueState]) -> QueueState:
    """The queues of several Asterisks as one."""
    told = [state.told for state in states if state.told]
    since = [state.longest_since for state in states if state.longest_since]
    return QueueState(
        waiting=sum(state.waiting for state in states),
        longest_since=min(since, default=None),
        free=sum(state.free for state in states),
        busy=sum(state.busy for state in states),
        paused=sum(state.paused for state in states),
        told=max(told, default=None),
    )
