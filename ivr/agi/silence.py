"""Files in which nothing is heard: behind a question they keep Asterisk listening without another command."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

RATE = 8000
SOUNDLESS = {"alaw": b"\xd5", "ulaw": b"\xff"}
"""Zero in each; from either of them Asterisk makes what another codec wants."""
LONGEST = 30.0
"""Seconds."""


class Silences:
    """Makes each length once, when it is wanted for the first time: some kilobytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._made: dict[float, Path | None] = {}

    def lasting(self, seconds: float) -> Path | None:
        """The file without extension; None where it cannot be had: then keys are waited for by a command."""
        if seconds not in self._made:
            self._made[seconds] = self._make(seconds)
        return self._made[seconds]

    def _make(self, seconds: float) -> Path | None:
        if not 0 < seconds <= LONGEST:
            return None
        path = self._folder / f"silence-{round(seconds * 1000)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for suffix, zero in SOUNDLESS.items():
                part = path.with_name(f".{path.name}.{os.getpid()}.{suffix}")  # several processes may make it at once
                part.write_bytes(zero * round(seconds * RATE))
                part.replace(f"{path}.{suffix}")
        except OSError as error:
            log.warning("no silence could be written (%s): a key between a question and its wait may be lost", error)
            return None
        return path
