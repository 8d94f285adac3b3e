"""The file that remembers how far the audit log had come."""

import contextlib
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """Entry number `entries` has this digest. `since`: the first entry that this file knew of."""

    entries: int
    digest: str
    since: int


class Anchor:
    """Kept beside the database, not in it; each machine has its own."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> Mark | None:
        """None when there is no file, or what it holds is no mark."""
        try:
            held = json.loads(self.file.read_text())
            return Mark(int(held["entries"]), str(held["digest"]), int(held["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def advance(self, entries: int, digest: str) -> None:
        """Remember a newer entry. What cannot be written is logged: the change itself is committed already."""
        try:
            with self._alone():
                before = self.read()
                if before and before.entries >= entries:
                    return
                mark = {"entries": entries, "digest": digest, "since": before.since if before else entries}
                fresh = self.file.with_name(f".{self.file.name}.new")
                fresh.write_text(json.dumps(mark))
                os.replace(fresh, self.file)
        except OSError as error:
            log.error("the anchor of the audit log could not be written: %s", error)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Several processes of one machine share the file."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.file.with_name(f".{self.file.name}.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
