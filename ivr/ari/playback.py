"""A sequence of prompts that Asterisk was asked to play."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.sounding import Spoken


@dataclass(slots=True)
class Playback:
    """One request. The id is chosen before it: no event is missed."""

    prompts: Sequence[Spoken]
    asked: datetime
    """By our clock."""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    finished: bool = False
    failed: bool = False
    number: int = 0
    """How many of the prompts are over."""
    _since: datetime | None = None
    """When the present one began, by Asterisk's clock."""

    @property
    def over(self) -> bool:
        return self.finished or self.failed

    @property
    def seconds(self) -> float:
        return sum(spoken.seconds for spoken in self.prompts)

    def refuse(self) -> None:
        self.finished = self.failed = True

    def end(self, at: datetime, now: datetime, state: str, *, last: bool) -> None:
        """One prompt is over, `at` by Asterisk's clock.

        Asterisk passes over a missing file in a sequence without a word: what is over too soon was not heard.
        """
        lasted = at - self._since if self._since else now - self.asked
        self.finished = last
        self.failed = state == "failed" or lasted.total_seconds() < self.prompts[self.number].seconds / 2
        if not self.failed:
            self._since, self.number = at, min(self.number + 1, len(self.prompts) - 1)
