"""The calls of this moment, as figures that several processes can add up. Nobody's number is in them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from calls.hearing import State, phrase_of, state_of
from calls.journal import Journal
from outages.board import Board

MINUTE = 60
HOUR = 60 * MINUTE
MOST_PHRASES = 40
"""The rarest phrases of a busy moment are left out."""
Now = Callable[[], datetime]


class PhraseHeard(BaseModel):
    """A phrase and how many callers hear it, or have just heard it."""

    model_config = ConfigDict(frozen=True)

    key: str
    text: str = Field(description="Empty for figures that are read back.")
    callers: int


class LiveCalls(BaseModel):
    """Running calls, counted."""

    model_config = ConfigDict(frozen=True)

    calls: int = 0
    last_minute: int = Field(0, description="Calls that came in within the last 60 seconds.")
    per_minute: Annotated[tuple[int, ...], Field(description="The last 60 minutes, oldest first.")] = (0,) * MINUTE
    states: dict[State, int] = {}
    hearing: tuple[PhraseHeard, ...] = Field((), description="Most heard first.")
    outages: dict[int, int] = Field({}, description="Callers who hear about an outage, by its id.")
    languages: dict[str, int] = {}
    drivers: dict[str, int] = {}
    areas: dict[int, int] = Field({}, description="Callers in the line who asked for an area, by its id.")


class Arrivals:
    """When calls of the last hour came in, to the second. A call costs a microsecond."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._seconds: Counter[int] = Counter()
        self._latest = 0

    def arrived(self) -> None:
        second = int(self._now().timestamp())
        if second != self._latest:
            self._latest = second
            self._forget(second)
        self._seconds[second] += 1

    def last_minute(self) -> int:
        second = int(self._now().timestamp())
        return sum(self._seconds[at] for at in range(second - MINUTE + 1, second + 1))

    def per_minute(self) -> tuple[int, ...]:
        """The 60 full minutes of the clock that end with the present one."""
        minute = int(self._now().timestamp()) // MINUTE
        counts = [0] * MINUTE
        for second, calls in self._seconds.items():
            ago = minute - second // MINUTE
            if 0 <= ago < MINUTE:
                counts[-1 - ago] += calls
        return tuple(counts)

    def _forget(self, second: int) -> None:
        if len(self._seconds) > HOUR:
            for old in [at for at in self._seconds if at <= second - HOUR]:
                del self._seconds[old]


def count(journals: Iterable[Journal], arrivals: Arrivals, board: Board, now: datetime) -> LiveCalls:
    """Looks at each running call once."""
    running = list(journals)
    states = [state_of(journal) for journal in running]
    answered = [j for j, state in zip(running, states, strict=True) if state is State.answer]
    heard = Counter(phrase for journal in running if (phrase := phrase_of(journal)))
    return LiveCalls(
        calls=len(running),
        last_minute=arrivals.last_minute(),
        per_minute=arrivals.per_minute(),
        states=Counter(states),
        hearing=_most_heard({(p.key, p.text): callers for p, callers in heard.items()}),
        outages=Counter(outage for journal in answered for outage in _told(journal, board, now)),
        languages=Counter(journal.language for journal in running),
        drivers=Counter(journal.driver for journal in running),
        areas=Counter(journal.area_id for journal in running if journal.area_id is not None),
    )


def total(parts: Iterable[LiveCalls]) -> LiveCalls:
    """Several processes as one."""
    all_parts = list(parts)
    heard: Counter[tuple[str, str]] = Counter()
    for part in all_parts:
        heard.update({(p.key, p.text): p.callers for p in part.hearing})
    return LiveCalls(
        calls=sum(part.calls for part in all_parts),
        last_minute=sum(part.last_minute for part in all_parts),
        per_minute=tuple(map(sum, zip(*(part.per_minute for part in all_parts), strict=False))) or (0,) * MINUTE,
        states=sum((Counter(part.states) for part in all_parts), Counter()),
        hearing=_most_heard(heard),
        outages=sum((Counter(part.outages) for part in all_parts), Counter()),
        languages=sum((Counter(part.languages) for part in all_parts), Counter()),
        drivers=sum((Counter(part.drivers) for part in all_parts), Counter()),
        areas=sum((Counter(part.areas) for part in all_parts), Counter()),
    )


def shifted(part: LiveCalls, told: datetime, now: datetime) -> LiveCalls:
    """A snapshot of the minute before, its minutes moved to where they are now."""
    minutes = int(now.timestamp()) // MINUTE - int(told.timestamp()) // MINUTE
    if minutes <= 0:
        return part
    return part.model_copy(update={"per_minute": (*part.per_minute[minutes:], *(0,) * min(minutes, MINUTE))})


def _told(journal: Journal, board: Board, now: datetime) -> Iterable[int]:
    """Outages of the place that the caller asked for last, of those that they were told of."""
    here = board.current(journal.area_id, now) if journal.area_id is not None else []
    return [outage.id for outage in here if outage.id in journal.outage_ids]


def _most_heard(heard: Mapping[tuple[str, str], int]) -> tuple[PhraseHeard, ...]:
    ordered = sorted(heard.items(), key=lambda item: (-item[1], item[0]))
    return tuple(PhraseHeard(key=key, text=text, callers=callers) for (key, text), callers in ordered[:MOST_PHRASES])
