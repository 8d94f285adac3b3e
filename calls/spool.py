"""Records that the database would not take, kept on disk until it does. Encrypted as its columns are."""

import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Dialect

from calls.rows import Row, from_line, to_line
from storage.errors import StorageError
from storage.types import Protected

SEALED = Protected()


class Spool:
    """A file with one sealed record a line. Its user sees to it that one thing happens at a time."""

    def __init__(self, file: Path, dialect: Dialect) -> None:
        self._file = file
        self._dialect = dialect

    def add(self, row: Row) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = self._seal(row) + "\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> list[Row]:
        """Every record that can be read; a line cut short by a crash is passed over."""
        if not self._file.exists():
            return []
        rows = [self._unseal(line) for line in self._file.read_text().splitlines()]
        return [row for row in rows if row is not None]

    def keep(self, rows: Iterable[Row]) -> None:
        """Replace what is in the file."""
        lines = [self._seal(row) for row in rows]
        if not lines:
            self._file.unlink(missing_ok=True)
            return
        fresh = self._file.with_name(f".{self._file.name}.new")
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{line}\n" for line in lines))
        fresh.replace(self._file)

    def _seal(self, row: Row) -> str:
        return SEALED.process_bind_param(to_line(row), self._dialect) or ""

    def _unseal(self, line: str) -> Row | None:
        try:
            text = SEALED.process_result_value(line, self._dialect)
            return from_line(text) if text else None
        except (StorageError, ValueError, KeyError):
            return None
