"""A list of prompts while it sounds: which of them has begun is told by the clock and by their lengths.

That is right to some hundredths of a second. It costs nothing while nobody asks, where a timer or an event for each
prompt wakes the whole process.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from calls.journal import Heard, Journal
from prompts.prompt import Prompt


class Spoken(NamedTuple):
    """A prompt with its file."""

    prompt: Prompt
    path: Path
    """Absolute, without extension."""
    seconds: float


class Reached(NamedTuple):
    """How far a list of prompts has come."""

    number: int
    """Of the prompt that sounds, or was the last to."""
    position: float
    """Its seconds that were heard."""


class Sounding:
    """Begins when it is made."""

    def __init__(self, spoken: Sequence[Spoken], journal: Journal, began: datetime) -> None:
        self._spoken = spoken
        self._journal = journal
        self._began = began
        self._before = len(journal.heard)
        self._offsets = list(accumulate((part.seconds for part in spoken[:-1]), initial=0.0))
        self.whole = self._offsets[-1] + spoken[-1].seconds
        """Seconds of all of it."""

    def since(self, now: datetime) -> float:
        """Seconds for which it has been sounding."""
        return (now - self._began).total_seconds()

    def all_heard(self, seconds: float) -> bool:
        """Whether no prompt can be missing from what ended after `seconds`."""
        return seconds > self.whole - min(part.seconds for part in self._spoken) / 2

    def until_missing(self, seconds: float) -> float:
        """Seconds after which that prompt begins which is the first that may be missing from what ended so soon."""
        lacking = self.whole - seconds
        offsets = zip(self._offsets, self._spoken, strict=True)
        return next((offset for offset, part in offsets if part.seconds / 2 <= lacking), self._offsets[-1])

    def follow(self, seconds: float) -> Reached:
        """Have just that in the journal which begins within the first `seconds`."""
        number = max(0, bisect_right(self._offsets, seconds) - 1)
        heard = self._journal.heard
        del heard[self._before + number + 1 :]
        for missed in range(len(heard) - self._before, number + 1):
            prompt, at = self._spoken[missed].prompt, self._began + timedelta(seconds=self._offsets[missed])
            heard.append(Heard(at, prompt.key, prompt.text))
        return Reached(number, seconds - self._offsets[number])

    def too_short(self, reached: Reached) -> bool:
        """Whether so little was heard of the last prompt that it was no sound."""
        return reached.position < self._spoken[reached.number].seconds / 2
