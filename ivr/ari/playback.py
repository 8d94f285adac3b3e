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
    refused: bool = False
    """The request itself, or the last of its files."""
    lasted: float = 0.0
    """Seconds until its end, once it is finished."""

    @property
    def seconds(self) -> float:
        return sum(spoken.seconds for spoken in self.prompts)

    def refuse(self) -> None:
        self.finished = self.refused = True

    def end(self, now: datetime, state: str) -> None:
        """Nothing comes between its prompts: each event would wake the service."""
        self.finished = True
        self.refused = state == "failed"
        self.lasted = (now - self.asked).total_seconds()
