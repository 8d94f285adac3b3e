"""The past of an outage: each change with who, when and why, and what was on air before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callflows.on_air import spoken_text
from console.outage_words import FIELDS, Words
from outages.history import facts_before, life_before
from outages.life import PUBLIC
from outages.models import OutageRevision

_ORDER = ("life", *FIELDS, "submitted_by", "submitted_at", "approved_by", "publish_at")


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One revision, ready to be read."""

    revision: OutageRevision
    changes: tuple[Change, ...]
    on_air: str | None
    """What callers heard before it; None where they heard nothing of this outage."""


def steps(words: Words, revisions: Sequence[OutageRevision]) -> list[Step]:
    """Latest first."""
    return [Step(each, _changes(words, each.changes), _on_air(words, revisions, each)) for each in reversed(revisions)]


def _changes(words: Words, changes: Mapping[str, Any]) -> tuple[Change, ...]:
    told = [(name, *changes[name]) for name in _ORDER if name in changes]
    return tuple(
        Change(words.t(f"outage.field_{name}"), words.value(name, before), words.value(name, after))
        for name, before, after in told
        if before or after
    )


def _on_air(words: Words, revisions: Sequence[OutageRevision], step: OutageRevision) -> str | None:
    if life_before(revisions, step.number) not in PUBLIC:
        return None
    facts = facts_before(revisions, step.number)
    return spoken_text(facts, words.board, step.at, words.office.catalogue, words.language) if facts else None
