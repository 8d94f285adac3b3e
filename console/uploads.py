"""Files that somebody looks at before they are taken in: in memory, for a quarter of an hour, for that session only."""

import asyncio
from dataclasses import dataclass

from outages.errors import OutageError
from people.secrets import token
from people.signin import Person

KEPT = 900.0
"""Seconds."""
MOST = 8
"""Files at one time, of all sessions; the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Upload:
    session_id: str
    name: str
    data: bytes


class Uploads:
    def __init__(self) -> None:
        self._held: dict[str, Upload] = {}

    def keep(self, person: Person, name: str, data: bytes) -> str:
        """Under a name that nobody guesses. A session has one file; a new one takes its place."""
        for mark in [mark for mark, held in self._held.items() if held.session_id == person.session_id]:
            self.forget(mark)
        while len(self._held) >= MOST:
            self.forget(next(iter(self._held)))
        mark = token()
        self._held[mark] = Upload(person.session_id, name, data)
        asyncio.get_running_loop().call_later(KEPT, self.forget, mark)
        return mark

    def get(self, person: Person, mark: str) -> Upload:
        """Raises `upload_gone`, also for somebody else's."""
        held = self._held.get(mark)
        if held is None or held.session_id != person.session_id:
            raise OutageError(
                "This file is no longer here; choose it again.",
                "upload_gone",
                "Bu dosya artık burada değil; yeniden seçin.",
            )
        return held

    def forget(self, mark: str) -> None:
        self._held.pop(mark, None)
