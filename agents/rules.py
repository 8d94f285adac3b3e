"""What the utility has settled for its desk, and what a telephone tells it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskRules:
    """What the utility has settled."""

    level_seconds: int = 20
    """Within which a caller is to be answered."""
    level_percent: int = 80
    """Of callers who are."""
    notice_to_caller: bool = True
    """Whether callers, too, are told when a supervisor listens or joins."""
    recording_days: int = 30
    personal_days: int = 90
    """After which callers' numbers and notes are removed from contacts."""


@dataclass(frozen=True, slots=True)
class Rang:
    """What the dialplan tells when a queue lets a telephone ring."""

    endpoint: str
    leg: str
    caller: str
    queue: str
    waited: float = 0.0
    number: str | None = None
