"""The port between a conversation and the telephone that carries it.

`ivr.ari`, `ivr.agi`, the terminal player and the tests' scripted call implement it; a flow never knows which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from calls.journal import Journal
from prompts.prompt import Language, Prompt


class CallEnded(Exception):
    """The caller hung up, or the telephone side went away. Only the runner catches it."""


class Unspeakable(Exception):
    """A prompt has no playable file, or the telephone side refused it. The runner apologises and finds a person."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who seems to be calling. The number is never proof of identity."""

    number: str | None
    """E.164 with the plus sign, or None when withheld or unreadable."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A message that the caller left."""

    path: Path
    """WAV on this machine."""
    seconds: float


@dataclass(frozen=True, slots=True)
class TransferNote:
    """What an agent should know before the first word."""

    reason: str
    area: str | None = None
    language: Language = "tr"
    priority: int = 0
    """app_queue's QUEUE_PRIO: 0 normal, 10 hazard."""
    extra: Mapping[str, str] = field(default_factory=dict)


class TransferOutcome(StrEnum):
    """The caller leaves the flow for the queue; everything after it is the queue's."""

    handed_over = "handed_over"
    unavailable = "unavailable"


class Call(Protocol):
    """One telephone call, in the words of the flow. Every verb may raise CallEnded."""

    journal: Journal

    @property
    def caller(self) -> Caller: ...

    @property
    def call_id(self) -> str:
        """Unique for the life of the utility; used as idempotency key by tickets."""

    async def say(self, *prompts: Prompt) -> str | None:
        """Say prompts in order; a key interrupts the skippable ones, is returned, and is kept for the next question."""

    async def key(self, *prompts: Prompt, allowed: str, seconds: float = 5.0) -> str | None:
        """Say prompts and wait `seconds` of silence for one key; None is silence.

        A key not in `allowed` is returned all the same: what a wrong key means is the flow's decision.
        """

    async def digits(
        self, *prompts: Prompt, at_most: int, until: str = "#", seconds: float = 5.0, private: bool = False
    ) -> str | None:
        """Say prompts and collect up to `at_most` keys, until `until` or `seconds` of silence; None without a key."""

    async def record(self, *prompts: Prompt, seconds: int) -> Recording | None:
        """Say prompts and a beep, then record until silence, `#` or `seconds`; None when nothing was said."""

    async def play_back(self, recording: Recording) -> str | None:
        """Play the caller's own message; a key interrupts it, is returned, and is kept for the next question."""

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome: ...

    async def hang_up(self) -> None: ...
