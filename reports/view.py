"""A report as pages and paper show it: every figure in words, with the address that opens it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from reports.drawing import Drawing, draw
from reports.figures import Cell, Report, Rows, Scope, Table
from reports.words import Words

PAGE = "/console/reports"


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    opens: str
    """Empty where there is nothing to open."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    label: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    key: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[ShownLine, ...]
    drawing: Drawing | None

    @property
    def anchor(self) -> str:
        return self.key.replace(".", "-")


@dataclass(frozen=True, slots=True)
class ShownRoom:
    key: str
    title: str
    summary: ShownTable
    tables: tuple[ShownTable, ...]


def query_of(scope: Scope) -> dict[str, str]:
    """The period and the unit as they stand in an address."""
    period = scope.period
    unit = {} if scope.unit_id is None else {"unit": str(scope.unit_id)}
    return {"period": period.length.value, "date": str(period.first), **unit}


def address(scope: Scope, base: str = "") -> str:
    return f"{base}{PAGE}?{urlencode(query_of(scope))}"


def rows_address(scope: Scope, rows: Rows, base: str = "", **more: str) -> str:
    where: Mapping[str, str] = {f"of.{name}": word for name, word in rows.where.items()}
    return f"{base}{PAGE}/rows?{urlencode({'what': rows.what, **where, **query_of(scope), **more})}"


def shown(report: Report, words: Words, base: str = "") -> Iterator[ShownRoom]:
    """Room by room."""
    for room in report.rooms:
        tables = [_table(report, table, words, base) for table in report.of(room)]
        yield ShownRoom(room, words.say(room), tables[0], tuple(tables[1:]))


def _table(report: Report, table: Table, words: Words, base: str) -> ShownTable:
    lines = tuple(
        ShownLine(words.line(table, line), tuple(_cell(report, cell, words, base) for cell in line.cells))
        for line in table.lines
    )
    columns = tuple(words.column(column) for column in table.columns)
    return ShownTable(table.key, words.title(table), columns, lines, draw(table, words))


def _cell(report: Report, cell: Cell, words: Words, base: str) -> ShownCell:
    opens = rows_address(report.scope, cell.rows, base) if cell.rows and cell.value else ""
    return ShownCell(words.value(cell), opens)
