"""Reports as XLSX and CSV: figures as numbers, that no spreadsheet program mistakes for formulas."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from outages.values import guarded
from reports.figures import Cell, Report, Table
from reports.words import Words

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_FORMAT = {"share": "0.0%", "minutes": "#,##0.0", "seconds": "0.0", "stars": "0.00", "count": "#,##0"}
_UNIT = {"minutes": {"tr": "dk", "en": "min"}, "seconds": {"tr": "sn", "en": "s"}}
_WIDTHS = (60, 18, 18, 18, 18, 18, 18, 22)
_A4 = 9
"""As the file format counts sizes of paper."""
Values = list[Any]


def as_csv(report: Report, words: Words) -> bytes:
    """One figure a line; UTF-8 with the mark by which Excel knows it, semicolons between."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=";")
    table.writerow([words.say(f"file_{name}") for name in ("section", "table", "line", "column", "value")])
    for each in report.tables:
        for line in each.lines:
            for column, cell in zip(each.columns, line.cells, strict=True):
                named = (words.say(each.room), words.title(each), words.line(each, line), _head(each, column, words))
                table.writerow([*map(guarded, named), _decimal(cell)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(report: Report, words: Words) -> bytes:
    """A sheet for each room, its tables below each other."""
    from openpyxl import Workbook  # here: it takes 35 MB, and most reports are read as pages

    book = Workbook(write_only=True)
    for room in report.rooms:
        sheet = book.create_sheet(words.say(room)[:31])
        sheet.freeze_panes = "B2"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
        sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
        for nth, width in enumerate(_WIDTHS):
            sheet.column_dimensions[chr(ord("A") + nth)].width = width
        period = f"{words.say(report.scope.period.length)} · {words.period(report.scope.period)}"
        sheet.append([_bold(sheet, guarded(f"{period} · {words.whose(report)}"), 13)])
        for table in report.of(room):
            for row in _rows(sheet, table, words):
                sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: "WriteOnlyWorksheet", table: Table, words: Words) -> Iterator[Values]:
    yield []
    heads = [_head(table, column, words) for column in table.columns]
    yield [_bold(sheet, words.title(table)), *(_bold(sheet, head) for head in heads)]
    for line in table.lines:
        yield [guarded(words.line(table, line)), *(_number(sheet, cell) for cell in line.cells)]


def _head(table: Table, column: str, words: Words) -> str:
    """With its unit, where all its figures have one."""
    kinds = {line.cells[table.columns.index(column)].kind for line in table.lines}
    unit = _UNIT.get(next(iter(kinds)), {}).get(words.language) if len(kinds) == 1 else None
    return f"{words.column(column)} ({unit})" if unit else words.column(column)


def _number(sheet: "WriteOnlyWorksheet", cell: Cell) -> Any:
    if cell.value is None:
        return None
    from openpyxl.cell import WriteOnlyCell

    shown = WriteOnlyCell(sheet, cell.value)
    shown.number_format = _FORMAT[cell.kind]
    return shown


def _bold(sheet: "WriteOnlyWorksheet", text: str, size: int = 11) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True, size=size)
    return cell


def _decimal(cell: Cell) -> str:
    """As programs read numbers; Excel asks for the point or takes it by the file's import."""
    return "" if cell.value is None else f"{round(cell.value, 4):.10g}"
