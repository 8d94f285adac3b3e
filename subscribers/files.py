"""Lists of subscribers as files: a CSV of any length is read line by line, an XLSX up to what one program holds."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from outages.tables import MOST_BYTES, Record, UnreadableFile, bytes_of, csv_rows, read_table, records
from subscribers.plan import PlannedRow

MOST_XLSX_ROWS = 100_000
MOST_XLSX_BYTES = 50_000_000
LONGEST_LINE = 1_000_000
_BLOCK = 1 << 16
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_file(path: Path) -> Iterator[Record]:
    """Rows of a file, one after another. Raises UnreadableFile, for CSV perhaps only when the bad line is reached."""
    begin = bytes_of(path, 3)
    if not begin or begin.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        most = MOST_XLSX_BYTES
        return iter(read_table(bytes_of(path, most), most_rows=MOST_XLSX_ROWS, most_bytes=most))
    return _csv(path, _encoding(path, begin))


def read_upload(data: bytes) -> list[Record]:
    """A file that was sent to a page, and is held in memory."""
    return read_table(data, most_bytes=MOST_BYTES)


def digest_of(path: Path) -> str:
    bytes_of(path, 1)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_of(path: Path) -> int | None:
    """About how many rows a file holds, to tell how far an import has come; None where only reading it would tell."""
    if bytes_of(path, 4).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))


def _csv(path: Path, encoding: str) -> Iterator[Record]:
    with path.open(encoding=encoding, newline="") as file:
        first = next((line for line in _lines(file) if line.strip()), "")
        file.seek(0)
        yield from records(csv_rows(_lines(file), first))


def _lines(file: TextIO) -> Iterator[str]:
    try:
        while line := file.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise _no_table()
            yield line
    except UnicodeError:  # UTF-16 is not looked through beforehand
        raise _no_table() from None


def _encoding(path: Path, begin: bytes) -> str:
    """Read once from end to end, so that a wrong guess is not found out in the middle of an import."""
    if begin[:2] in _UTF16:
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1254"):
        if _decodes(path, encoding):
            return encoding
    raise _no_table()


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                if b"\0" in block:
                    raise _no_table()
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _no_table() -> UnreadableFile:
    return UnreadableFile(
        "The file is neither CSV nor XLSX: save it as CSV (UTF-8) or XLSX.",
        "Dosya ne CSV ne XLSX; CSV (UTF-8) ya da XLSX olarak kaydedin.",
    )


def digest_of_rows(rows: Iterable[PlannedRow]) -> str:
    """Equal only for the same rows upon the same subscribers: what was looked at is what will be saved."""
    told = [(row.line, row.number, row.what, sorted(map(repr, row.differences.items()))) for row in rows]
    return hashlib.sha256(repr(told).encode()).hexdigest()
