"""Follows a sequence of prompts while Asterisk plays it."""

import secrets
from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.ari.session import Reply
from ivr.sounding import Spoken
from prompts.prompt import Prompt


@dataclass(slots=True)
class Playback:
    """One request's prompts. The id is chosen before the request: no event is missed."""

    prompts: Sequence[Spoken]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    finished: bool = False
    failed: bool = False
    _begun: int = 0
    _begun_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.finished or self.failed

    @property
    def seconds(self) -> float:
        return sum(spoken.seconds for spoken in self.prompts)

    def refused(self, reply: Future[Reply]) -> None:
        if reply.result().refused:
            self.finished = self.failed = True

    def begin(self, at: datetime) -> Prompt | None:
        """The prompt that began to sound."""
        if self._begun == len(self.prompts):
            return None
        self._begun += 1
        self._begun_at = at
        return self.prompts[self._begun - 1].prompt

    def end(self, at: datetime, state: str, *, last: bool) -> None:
        """Asterisk passes over a missing file in a sequence without a word: one that is over too soon was not heard."""
        self.finished = last
        self.failed = state == "failed" or self._too_soon(at)

    def _too_soon(self, at: datetime) -> bool:
        if self._begun_at is None:
            return False
        return (at - self._begun_at).total_seconds() < self.prompts[self._begun - 1].seconds / 2
