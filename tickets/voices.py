"""Voice messages of tickets: kept before the ticket is committed, taken from where they were recorded only after."""

import contextlib
import logging
import os
import secrets
import shutil
from pathlib import Path

log = logging.getLogger(__name__)


class Voices:
    """A private folder; each attempt to open a ticket works on a copy of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, message: Path | None) -> str | None:
        """The name under which the message now also lies here; None without a message."""
        if message is None:
            return None
        name = f"{secrets.token_hex(12)}{message.suffix}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        try:
            shutil.copyfile(message, part)
        except FileNotFoundError:
            log.warning("the voice message %s is gone; its ticket is opened without it", message.name)
            return None
        part.chmod(0o600)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(self._folder / name)
        return name

    def discard(self, name: str | None) -> None:
        if name is not None:
            (self._folder / name).unlink(missing_ok=True)

    @staticmethod
    def let_go(message: Path | None) -> None:
        """Remove the original; it is also removed at the end of the call, so that a failure here does no harm."""
        if message is not None:
            with contextlib.suppress(OSError):
                message.unlink(missing_ok=True)
