"""Calls of one way in, judged: who failed, how long each waited, what it cost."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.caller import Placed
from bench.measure import percentiles
from bench.rtp import Announcement, Sound

MS = 1_000_000


@dataclass(slots=True)
class Lap:
    """Times in milliseconds. Laps of the same way add up."""

    way: str
    calls: int = 0
    seconds: float = 0
    asterisk_ms: float = 0
    service_ms: float = 0
    caller_ms: float = 0
    answered: list[float] = field(default_factory=list)
    """INVITE to 200."""
    after_prompt: list[float] = field(default_factory=list)
    """Last packet of the key to the first of new sound, the key pressed when the announcement had ended."""
    barge_in: list[float] = field(default_factory=list)
    """The same, the key pressed while the announcement was running."""
    pauses: list[float] = field(default_factory=list)
    """Silence between the files of the answer, beyond the 20 ms that part any two packets."""
    failures: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    turns: list["Lap"] = field(default_factory=list)
    """What was added up: a machine that is shared is another one from turn to turn."""

    def add(self, other: "Lap") -> None:
        self.turns.append(other)
        self.calls += other.calls
        self.seconds += other.seconds
        self.asterisk_ms += other.asterisk_ms
        self.service_ms += other.service_ms
        self.caller_ms += other.caller_ms
        self.answered += other.answered
        self.after_prompt += other.after_prompt
        self.barge_in += other.barge_in
        self.pauses += other.pauses
        self.failures += other.failures
        self.repeats += other.repeats

    def judge(self, call: Placed, opening: Sequence[Announcement], answer: Sequence[Announcement]) -> None:
        """Count one call; a caller who did not hear all of the right answer is a failure, whatever SIP said."""
        self.calls += 1
        self.repeats += call.repeats
        if call.answered:
            self.answered.append((call.answered - call.invited) / MS)
        if failure := call.failure or self._listen(call, opening, answer):
            self.failures[failure] += 1

    def _listen(self, call: Placed, opening: Sequence[Announcement], answer: Sequence[Announcement]) -> str | None:
        if call.key_sent is None:
            return "hung up before the key"
        before, after = Sound.of(call.packets).around(call.key_sent)
        last = opening[-1].place(before)
        waited = 0.0
        for number, part in enumerate(answer):
            where = part.place(after)
            if where is None:
                return "another answer, or a part of it, was heard"
            if number == 0:
                waited = (after.arrivals[where.first] - call.key_sent) / MS
            else:
                gap = after.arrivals[where.first] - after.arrivals[max(0, where.first - 1)]
                self.pauses.append(max(0.0, gap / MS - 20))
            after = after.starting(where.last)
        (self.after_prompt if last else self.barge_in).append(waited)
        return None

    def summary(self, idle: float) -> dict[str, object]:
        """`idle`: CPU ms a second that the service takes while nobody calls it, which no call is charged with."""
        calls = self.calls or math.nan
        turns = [turn.summary(idle) for turn in self.turns]
        return {
            "way": self.way,
            "calls": self.calls,
            "failures": dict(self.failures),
            "invites_repeated": self.repeats,
            "asterisk_cpu_ms_per_call": round(self.asterisk_ms / calls, 2),
            "service_cpu_ms_per_call": round((self.service_ms - idle * self.seconds) / calls, 2),
            "caller_cpu_ms_per_call": round(self.caller_ms / calls, 2),
            **{
                f"{cost}_by_turn": [turn[cost] for turn in turns]
                for cost in ("asterisk_cpu_ms_per_call", "service_cpu_ms_per_call")
            },
            "invite_to_200_ms": percentiles(self.answered),
            "key_to_sound_ms": percentiles(self.after_prompt),
            "key_to_sound_barge_in_ms": percentiles(self.barge_in),
            "pause_between_parts_ms": percentiles(self.pauses),
        }
