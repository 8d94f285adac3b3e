"""What happened in one call: written down as it goes, stored when it ends. Containment is told from these."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from prompts.prompt import Language

TELEPHONES = ("ari", "agi")
"""Drivers that carry citizens; `play` is somebody trying the flow."""


class Outcome(StrEnum):
    """How a call ended, as the utility counts it."""

    served = "served"
    """The caller heard an answer and hung up, or said that it was enough."""
    transferred = "transferred"
    ticket = "ticket"
    gave_up = "gave_up"
    """The caller hung up before any answer."""
    failed = "failed"
    """Our own error; the caller was sent to an agent with an apology."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt that was started. `interrupted` when a key or the hang-up cut it short."""

    at: datetime
    key: str
    text: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys as one entry. Entries that may hold personal data (a call-back number) are `private` and stored masked."""

    at: datetime
    keys: str
    private: bool = False


@dataclass(slots=True)
class Journal:
    """One call's running record. The driver writes `heard` and `pressed`; the flow writes the rest."""

    call_id: str
    caller: str | None
    """E.164 or None."""
    started: datetime
    driver: str
    """`ari`, `agi`, `play` or `scripted`."""
    language: Language = "tr"
    area_id: int | None = None
    outage_ids: list[int] = field(default_factory=list)
    ticket_number: str | None = None
    outcome: Outcome = Outcome.gave_up
    reason: str | None = None
    """Why it was transferred or failed, e.g. `hazard`, `silence`, `asked`."""
    heard: list[Heard] = field(default_factory=list)
    pressed: list[Pressed] = field(default_factory=list)
    first_answer: datetime | None = None
    """When the caller first began to hear about water in an area."""
    answered: datetime | None = None
    follows: str | None = None
    """Asterisk's id of the call that this one goes on with: the caller kept their place in the queue."""
    ended: datetime | None = None
