"""The agents' queues as Asterisk last told them. Each report holds whole counts, so that a lost one mends itself."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

QueueEvent = Literal["joined", "answered", "left", "state"]
MOST_WAITING = 1000
"""Callers whose time of joining is kept; a queue itself takes 250."""
MOST_QUEUES = 50
FORGOTTEN_AFTER = timedelta(hours=2)
LONGEST_WAIT = timedelta(minutes=10)
"""Nobody is kept waiting so long; whoever has not been heard of since is gone, and Asterisk was restarted."""
OVERTAKEN = timedelta(seconds=2)
"""Reports may overtake each other by so much: that somebody joined is older news than an answer just before."""
TALKS, TALKED_LATELY = 50, timedelta(hours=1)
"""Conversations from which the wait of those in the line is told."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a dialplan tells of one queue at one moment. `call` is Asterisk's own id of the caller's channel."""

    event: QueueEvent
    call: str
    waiting: int
    logged_in: int
    free: int
    paused: int
    queue: str = ""


class LineState(BaseModel):
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


class QueueState(LineState):
    """All queues as one: an agent who serves two of them is counted in each."""

    queues: Mapping[str, LineState] = Field({}, description="Each queue by its name.")


class AgentsQueue:
    """Takes reports in whatever order they come. `main`: the queue that callers of the line come to."""

    def __init__(self, now: Callable[[], datetime], main: str = "") -> None:
        self._now, self._main = now, main
        self._joined: dict[str, tuple[datetime, str]] = {}
        self._answered: dict[str, datetime] = {}
        self._gone: dict[str, datetime] = {}
        self._last: dict[str, tuple[datetime, Report]] = {}
        self._talks: deque[tuple[datetime, timedelta]] = deque(maxlen=TALKS)

    def report(self, report: Report) -> datetime | None:
        """When a caller had joined who waits no longer; None for others, and where that is not known."""
        now, name = self._now(), report.queue or self._main
        if name not in self._last and len(self._last) >= MOST_QUEUES:
            return None
        self._last[name] = now, report
        joined = self._seen(report, name, now)
        if not report.waiting:
            self._joined = {call: entry for call, entry in self._joined.items() if entry[1] != name}
        self._forget(now)
        return joined

    def _seen(self, report: Report, queue: str, now: datetime) -> datetime | None:
        call = report.call
        if report.event == "joined" and not self._overtaken(call, now):
            self._talked(call, now)
            since = self._joined[call][0] if call in self._joined else now
            self._joined[call] = since, queue
        elif report.event == "answered":
            self._answered.setdefault(call, now)
        elif report.event == "left":
            self._talked(call, now)
            self._gone[call] = now
        if report.event in ("answered", "left") and (entry := self._joined.pop(call, None)):
            return entry[0]
        return None

    def _overtaken(self, call: str, now: datetime) -> bool:
        answered = self._answered.get(call)
        return call in self._gone or (answered is not None and now - answered < OVERTAKEN)

    def _talked(self, call: str, now: datetime) -> None:
        """This caller is with no agent any more."""
        if began := self._answered.pop(call, None):
            self._talks.append((now, now - began))

    @property
    def main(self) -> LineState:
        """The queue of the line; where it goes by another name, all queues as one."""
        return self._line(self._main) if self._main in self._last else self.state

    @property
    def talking(self) -> int:
        """Callers who are with an agent, as far as their answers were told; at least the busiest queue's agents."""
        return max(len(self._answered), *(line.busy for line in self.state.queues.values()), 0)

    def joined_before(self, at: datetime) -> int:
        """How many of those who wait in the line have waited longer."""
        here = {self._main} if self._main in self._last else self._last.keys()
        return sum(joined < at for joined, queue in self._joined.values() if queue in here)

    def expected_wait(self, kept: int = 0) -> timedelta | None:
        """Of somebody who joins now behind all who wait and `kept` places: agents go on talking as long as lately.

        None where an agent is free, and while nothing is known.
        """
        line, since = self.main, self._now() - TALKED_LATELY
        talks = [talk for ended, talk in self._talks if ended > since]
        if not talks or not line.busy or line.free > line.waiting + kept:
            return None
        return sum(talks, timedelta()) / len(talks) * (line.waiting + kept + 1) / line.busy

    @property
    def age(self) -> timedelta:
        """How long ago the queue of which the least was heard lately told anything."""
        return max((self._now() - told for told, _ in self._last.values()), default=timedelta.max)

    @property
    def state(self) -> QueueState:
        return all_queues([QueueState(queues={name: self._line(name) for name in self._last})])

    def _line(self, name: str) -> LineState:
        told, last = self._last[name]
        waiting = last.waiting if self._now() - told < LONGEST_WAIT else 0
        # of more who joined than wait, the oldest are those whose leaving was not told
        joined = sorted(at for at, queue in self._joined.values() if queue == name)
        since = joined[-waiting:] if waiting else []
        return LineState(
            waiting=waiting,
            longest_since=since[0] if since else None,
            free=last.free,
            busy=max(0, last.logged_in - last.free - last.paused),
            paused=last.paused,
            told=told,
        )

    def _forget(self, now: datetime) -> None:
        for call in [call for call, (at, _) in self._joined.items() if now - at > FORGOTTEN_AFTER]:
            del self._joined[call]
        for calls in (self._answered, self._gone):
            for call in [call for call, at in calls.items() if now - at > FORGOTTEN_AFTER]:
                del calls[call]
        for kept in (self._joined, self._answered, self._gone):
            while len(kept) > MOST_WAITING:
                del kept[next(iter(kept))]


def all_queues(states: Iterable[QueueState]) -> QueueState:
    """The queues of several Asterisks as one: those of a name belong together."""
    by_name: dict[str, list[LineState]] = {}
    for state in states:
        for name, line in state.queues.items():
            by_name.setdefault(name, []).append(line)
    queues = {name: LineState(**_together(lines)) for name, lines in by_name.items()}
    return QueueState(queues=queues, **_together(queues.values()))


def _together(lines: Iterable[LineState]) -> dict[str, object]:
    all_of = list(lines)
    return {
        "waiting": sum(line.waiting for line in all_of),
        "longest_since": min((line.longest_since for line in all_of if line.longest_since), default=None),
        "free": sum(line.free for line in all_of),
        "busy": sum(line.busy for line in all_of),
        "paused": sum(line.paused for line in all_of),
        "told": max((line.told for line in all_of if line.told), default=None),
    }
