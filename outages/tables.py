"""Spreadsheets of hostile or careless origin: CSV in the encodings and separators of Turkish offices, and XLSX."""

import csv
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from outages.errors import OutageError
from outages.keys import folded

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 64
MOST_CELL = 4_000
"""Characters."""
MOST_UNPACKED = 60_000_000
"""Bytes of an XLSX once unpacked; a bomb holds more."""
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{1,40})"')
MOST_MERGED = 500
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error)
_UNREADABLE_XLSX = (
    "This XLSX file cannot be read: open it in your spreadsheet program, save it again, or save it as CSV.",
    "Bu XLSX dosyası okunamıyor; hesap tablosu programınızda açıp yeniden ya da CSV olarak kaydedin.",
)


Range = tuple[int, int, int, int]
"""Left, top, right, bottom."""


class UnreadableFile(OutageError):
    code = "unreadable_file"

    def __init__(self, message: str, turkish: str) -> None:
        super().__init__(message, turkish=turkish)


@dataclass(frozen=True, slots=True)
class Record:
    """One row or feed entry: values by folded column name ("mahalle adı" -> "mahalleadi"), texts trimmed, no blanks."""

    line: int
    """1-based line of the file, or position in the feed."""
    values: dict[str, Any]
    columns: dict[str, str]
    """The column's name as written, by folded name; all rows of a table share one."""


def bytes_of(source: Path | bytes, most: int = MOST_BYTES) -> bytes:
    """No more of a file than may be imported, and a byte to tell so. Raises UnreadableFile where there is none."""
    if isinstance(source, bytes):
        return source
    try:
        if stat.S_ISFIFO(source.stat().st_mode):
            raise UnreadableFile(
                f"{str(source)!r} is no file: save what it brings, then import that.",
                f"{str(source)!r} bir dosya değil; getirdiğini kaydedip onu alın.",
            )
        with source.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise UnreadableFile(
            f"There is no file {str(source)!r}: check its name.", f"{str(source)!r} dosyası yok; adını denetleyin."
        ) from None
    except IsADirectoryError:
        raise UnreadableFile(
            f"{str(source)!r} is a folder: name the file in it.", f"{str(source)!r} bir klasör; içindeki dosyayı yazın."
        ) from None
    except OSError as error:
        raise UnreadableFile(
            f"{str(source)!r} cannot be read ({error.strerror}): check its permissions.",
            f"{str(source)!r} okunamıyor ({error.strerror}); izinlerini denetleyin.",
        ) from None


def check_size(data: bytes, most: int = MOST_BYTES) -> bytes:
    if len(data) > most:
        megabytes = most // 1_000_000
        raise UnreadableFile(
            f"The file is larger than {megabytes} MB: split it and import the parts.",
            f"Dosya {megabytes} MB sınırını aşıyor; bölüp parça parça alın.",
        )
    if not data.strip():
        raise UnreadableFile(
            "The file is empty: it needs a line of column names and a line for each entry.",
            "Dosya boş; bir sütun adları satırı ve her kayıt için bir satır gerekir.",
        )
    return data


def column_key(name: object) -> str:
    return folded(str(name)).replace(" ", "")


def read_table(data: bytes, *, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> list[Record]:
    """The rows below the line of column names; rows without any value are left out. Raises UnreadableFile."""
    check_size(data, most_bytes)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            "Old Excel files (.xls) cannot be read: save it as .xlsx or CSV.",
            "Eski Excel dosyaları (.xls) okunamaz; .xlsx ya da CSV olarak kaydedin.",
        )
    rows = _xlsx(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    found = list(islice(records(rows), most_rows + 1))
    if len(found) > most_rows:
        raise UnreadableFile(
            f"The file holds more than {most_rows} rows: split it and import the parts.",
            f"Dosyadaki satırlar {most_rows} sınırını aşıyor; bölüp parça parça alın.",
        )
    return found


def records(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Record]:
    """Rows by the names of the first of them that holds any value."""
    rows = ((line, cells) for line, cells in rows if any(cell is not None for cell in cells))
    header = next(rows, None)
    if header is None:
        raise UnreadableFile(
            "The file holds no rows: it needs a line of column names and a line for each entry.",
            "Dosyada satır yok; bir sütun adları satırı ve her kayıt için bir satır gerekir.",
        )
    names = _names(header[1])
    keys = [column_key(name) if name else None for name in names]
    columns = {key: name for key, name in zip(keys, names, strict=True) if key is not None}
    yield from (_record(line, cells, keys, columns) for line, cells in rows)


def _names(cells: list[Any]) -> list[str]:
    names = [str(cell) if cell is not None else "" for cell in cells]
    keys = [column_key(name) for name in names if name]
    twice = next((name for name in names if name and keys.count(column_key(name)) > 1), None)
    if twice:
        raise UnreadableFile(
            f"The column {twice!r} occurs twice: keep one of them.", f"{twice!r} sütunu iki kez var; birini bırakın."
        )
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(
            f"The file has more than {MOST_COLUMNS} columns: keep those that the import knows.",
            f"Dosyadaki sütunlar {MOST_COLUMNS} sınırını aşıyor; yalnız bilinen sütunları bırakın.",
        )
    return names


def _record(line: int, cells: list[Any], keys: list[str | None], columns: dict[str, str]) -> Record:
    values = {key: cell for key, cell in zip(keys, cells, strict=False) if cell is not None and key is not None}
    if any(cell is not None for cell in cells[len(keys) :]):
        values["#"] = len(cells)
    return Record(line, values, columns)


def _csv(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    text = _decoded(data)
    yield from csv_rows(io.StringIO(text, newline=""), text.lstrip().partition("\n")[0])


def csv_rows(lines: Iterable[str], first: str) -> Iterator[tuple[int, list[Any]]]:
    """Cells of CSV lines, each row with its line; the separator is the commonest one of the first line."""
    first = re.sub(r'"[^"]*"', "", first)
    reader = csv.reader(lines, delimiter=max(";,\t", key=first.count), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(
                f"Line {line} is no CSV ({error}): check its quotation marks.",
                f"{line}. satır CSV değil; tırnak işaretlerini denetleyin.",
            ) from None
        if cells is None:
            return
        yield line, [_text(cell) for cell in cells]
        line = reader.line_num + 1


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1254"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(
        "The file is neither CSV nor XLSX: save it as CSV (UTF-8) or XLSX.",
        "Dosya ne CSV ne XLSX; CSV (UTF-8) ya da XLSX olarak kaydedin.",
    )


def _xlsx(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise UnreadableFile(
                    "The XLSX file is far larger than it seems: save the rows as CSV instead.",
                    "XLSX dosyası göründüğünden çok daha büyük; satırları CSV olarak kaydedin.",
                )
            if any(_declares(parts.read(part)) for part in parts.namelist() if part.endswith((".xml", ".rels"))):
                raise UnreadableFile(*_UNREADABLE_XLSX)
            yield from _sheet(data, parts)
    # Not an Excel file, or a damaged one: zipfile, the XML parsers and openpyxl each raise errors of many kinds.
    except (*_DAMAGE, LookupError, ValueError, TypeError, AttributeError, SyntaxError, OSError, EOFError):
        raise UnreadableFile(*_UNREADABLE_XLSX) from None


def _declares(xml: bytes) -> bool:
    """Whether a part brings entities of its own. No spreadsheet program writes them, and openpyxl leaves them to
    whichever parser is installed: https://openpyxl.readthedocs.io/en/stable/index.html#security"""
    return b"<!DOCTYPE" in xml.replace(b"\0", b"")


def _sheet(data: bytes, parts: zipfile.ZipFile) -> Iterator[tuple[int, list[Any]]]:
    """The first sheet; every cell of a merged range holds the range's value, as people read it."""
    # openpyxl takes 35 MB, and a process that serves calls seldom meets a workbook
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheet: Any = book.worksheets[0]
    sheet.reset_dimensions()
    merged = _merged(parts.read(sheet._worksheet_path.lstrip("/")))
    values: dict[Range, Any] = {}
    for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
        cells = {cell.column: _cell(cell.value) for cell in row if cell.value is not None}
        line = next((cell.row for cell in row if cell.value is not None), None)
        if line is None:
            continue
        for area in merged:
            left, top, right, bottom = area
            if line == top:
                values[area] = cells.get(left)
            if top <= line <= bottom and values.get(area) is not None:
                cells.update(dict.fromkeys(range(left, right + 1), values[area]))
        yield line, [cells.get(column) for column in range(1, max(cells) + 1)]


def _merged(xml: bytes) -> list[Range]:
    """Merged ranges; read-only sheets do not tell them."""
    from openpyxl.utils.cell import range_boundaries

    ranges = [range_boundaries(found.decode()) for found in islice(_MERGED.findall(xml), MOST_MERGED)]
    return [(a, b, c, d) for a, b, c, d in ranges if a and b and c and d and c <= MOST_COLUMNS]


def _cell(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _text(value) if isinstance(value, str) else value


def _text(cell: str) -> str | None:
    """Without control characters; None where nothing is left."""
    if not cell.isprintable():
        cell = "".join(c if c.isprintable() else " " for c in cell.replace("\r\n", "\n"))
    return " ".join(cell.split())[:MOST_CELL] or None
