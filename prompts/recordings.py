"""A studio's recordings, by phrase key: `<folder>/<language>/<key>.wav` (or .flac, .mp3, …). They win over engines.

Only phrases without slots can be recorded: "menu.main" is always the same words, "outage.until" never is. The slow pace
is `<key>.slow.wav` where that was recorded too, else the normal recording slowed down.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from prompts.catalogue import load_catalogue
from prompts.engines import SLOWER
from prompts.errors import SpeechError
from prompts.prompt import LANGUAGES, Prompt

SOUNDS = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".aif"}
SLOW = ".slow"


class RecordingsError(SpeechError):
    """The recordings' folder cannot be used as it stands."""

    code = "recordings_invalid"


@dataclass(frozen=True, slots=True)
class Recording:
    file: Path
    tempo: float
    """1 as recorded, less for slower."""
    digest: str
    """Content address."""


class Recordings:
    """What the folder held at the last look."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder else None
        self._static = _static_keys() if folder else frozenset()
        self._files: dict[str, Path] = {}
        self._digests: dict[tuple[Path, int, int], str] = {}

    def look(self) -> None:
        """Take notice of what was added, changed or removed. Raises `RecordingsError` if the folder is gone."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            raise RecordingsError(f"The folder of recordings, {self._folder}, does not exist; create or unset it.")
        self._files = {
            f"{language}/{file.stem}": file
            for language in LANGUAGES
            for file in sorted((self._folder / language).glob("*"))
            if file.suffix.lower() in SOUNDS
        }

    def of(self, prompt: Prompt) -> Recording | None:
        """The recording that is heard in place of an engine."""
        if prompt.key not in self._static:
            return None
        name = f"{prompt.language}/{prompt.key}"
        if prompt.pace == "slow" and (slow := self._files.get(name + SLOW)):
            return self._recording(slow, 1.0)
        file = self._files.get(name)
        return self._recording(file, 1.0 if prompt.pace == "normal" else 1 / SLOWER) if file else None

    def problems(self) -> list[str]:
        """One sentence for each file that will never be heard."""
        return [
            f"{file} is for no phrase without slots; `./alo185 prompts script` lists the names of all recordings."
            for name, file in self._files.items()
            if name.split("/", 1)[1].removesuffix(SLOW) not in self._static
        ]

    def _recording(self, file: Path, tempo: float) -> Recording:
        state = file.stat()
        known = (file, state.st_size, state.st_mtime_ns)
        if known not in self._digests:
            self._digests[known] = hashlib.blake2b(file.read_bytes(), digest_size=12).hexdigest()
        return Recording(file, tempo, self._digests[known] if tempo == 1.0 else f"{self._digests[known]}-slow")


def _static_keys() -> frozenset[str]:
    return frozenset(prompt.key for prompt in load_catalogue().statics())
