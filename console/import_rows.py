"""Rows of a file in the reader's words: what is new, what changes from what to what, and what is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.outage_words import Words
from outages.import_plan import PlannedRow


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    before: str | None
    """None for a new outage, which had nothing before."""
    after: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    line: int
    external_id: str
    what: str
    outage_id: int | None
    differences: tuple[Difference, ...]
    faults: tuple[tuple[str, str], ...]
    """Column and reason."""


def shown_rows(rows: Iterable[PlannedRow], words: Words) -> Sequence[ShownRow]:
    return [_shown(row, words) for row in rows]


def _shown(row: PlannedRow, words: Words) -> ShownRow:
    known = row.outage_id is not None
    told = tuple(
        Difference(words.t(f"outage.field_{name}"), words.value(name, old) if known else None, words.value(name, new))
        for name, (old, new) in (row.differences or {}).items()
        if known or new not in (None, "")
    )
    turkish = words.language == "tr"
    faults = tuple((error.column, error.turkish if turkish else error.reason) for error in row.errors)
    return ShownRow(row.line, row.external_id, row.what, row.outage_id, told, faults)
