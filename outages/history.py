"""What an outage said at each point of its past, replayed from its revisions."""

from collections.abc import Sequence
from typing import Any, Protocol

from outages.facts import with_plain
from outages.life import Life, OutageFacts


class Step(Protocol):
    """A revision, as the database or REST holds it."""

    @property
    def number(self) -> int: ...

    @property
    def changes(self) -> dict[str, Any]: ...


def facts_before(revisions: Sequence[Step], number: int) -> OutageFacts | None:
    """What it said before revision `number`; None before it was created. One more than the last: what it says now."""
    facts: OutageFacts | None = None
    for step in sorted(revisions, key=lambda step: step.number):
        if step.number >= number:
            break
        facts = with_plain(facts, {name: change[1] for name, change in step.changes.items()})
    return facts


def life_before(revisions: Sequence[Step], number: int) -> Life | None:
    """Whether it was a draft, on air or over before revision `number`; None before it was created."""
    life = None
    for step in sorted(revisions, key=lambda step: step.number):
        if step.number >= number:
            break
        if "life" in step.changes:
            life = Life(step.changes["life"][1])
    return life
