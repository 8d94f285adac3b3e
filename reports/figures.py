"""What a report is made of: tables of figures, each of which knows the rows behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reports.period import Period

Kind = Literal["count", "share", "minutes", "seconds", "stars"]
Chart = Literal["bars", "columns"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which time, and of which unit: None for the whole house."""

    period: Period
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows behind a figure: what kind they are, and what has to fit."""

    what: str
    where: Mapping[str, str] = field(default_factory=dict)

    def also(self, **where: str) -> "Rows":
        return Rows(self.what, {**self.where, **where})


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure; None where there is nothing that it could be told from."""

    value: float | None
    kind: Kind = "count"
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`key` is stable; `name` is given where it is a name of the utility's own, such as a district's."""

    key: str
    cells: tuple[Cell, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`calls.by_hour`; each line has a cell for each column. Its chart shows the first column."""

    key: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    chart: Chart | None = "bars"

    @property
    def room(self) -> str:
        return self.key.partition(".")[0]

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one period. `unit`: its name."""

    scope: Scope
    unit: str | None
    made: datetime
    tables: tuple[Table, ...]
    settled: bool
    """Whether all callers have had their day in which they might have called again."""

    @property
    def rooms(self) -> list[str]:
        return list(dict.fromkeys(table.room for table in self.tables))

    def of(self, room: str) -> list[Table]:
        return [table for table in self.tables if table.room == room]

    def table(self, key: str) -> Table:
        return next(table for table in self.tables if table.key == key)


def counts(key: str, found: Mapping[str, int], rows: Rows, by: str, chart: Chart = "bars", top: bool = True) -> Table:
    """How many of each; the most frequent first, or in the order that was given."""
    order = sorted(found, key=lambda each: (-found[each], each)) if top else list(found)
    lines = (Line(each, (Cell(found[each], rows=rows.also(**{by: each})),)) for each in order)
    return Table(key, ("count",), tuple(lines), chart)


def share(part: float, whole: float, rows: Rows) -> Cell:
    return Cell(part / whole if whole else None, "share", rows)


def summary(room: str, lines: Iterable[tuple[str, Cell]]) -> Table:
    """The figures that stand on top."""
    return Table(f"{room}.summary", ("value",), tuple(Line(key, (cell,)) for key, cell in lines), None)
