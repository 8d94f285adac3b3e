"""What was read of a table or feed: rows that are outages, and what is wrong with the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from outages.board import OutageKind
from outages.life import Cause
from outages.values import State


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    """1-based line of the file (the header is line 1), or the entry's position in a feed."""
    column: str
    """As written in the file; empty where the fault is the whole row's."""
    reason: str
    turkish: str
    """The same reason for operators who read Turkish."""

    def __str__(self) -> str:
        return f"line {self.line}{f', {self.column}' if self.column else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Place:
    """A neighbourhood, or with `name` None a whole district. `district` is None where the file does not tell it."""

    district: str | None
    name: str | None
    streets: str | None = None
    """Only these; None: all of it."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One outage of a file; None where the file does not tell. Times are aware and in UTC."""

    line: int
    external_id: str
    kind: OutageKind | None
    cause: Cause | None
    state: State
    places: tuple[Place, ...]
    starts: datetime
    expected_end: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    subscribers: int | None = None
    tanker_points: str | None = None
    announcement: Mapping[str, str] = field(default_factory=dict)
    """By language."""


@dataclass(frozen=True, slots=True)
class ParsedRows:
    rows: tuple[ImportRow, ...]
    errors: tuple[RowError, ...]
