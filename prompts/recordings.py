"""A studio's recordings, by phrase key: `<folder>/<language>/<key>.wav` (or .flac, .mp3, …). They win over engines.

Only phrases without slots can be recorded: "menu.main" is always the same words, "outage.until" never is. The slow pace
is `<key>.slow.wav` where that was recorded too, else the normal recording slowed down.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from prompts.catalogue import load_catalogue
from prompts.engines import SLOWER
from prompts.errors import SpeechBroken, SpeechError
from prompts.prompt import LANGUAGES, Prompt

SOUNDS = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".aif"}
SLOW = ".slow"


class RecordingsError(SpeechError):
    """The recordings' folder cannot be used as it stands."""

    code = "recordings_invalid"


@dataclass(frozen=True, slots=True)
class Recording:
    file: Path
    digest: str
    """Content address of what is heard."""
    tempo: float = 1.0
    """1 as recorded, less for slower."""


class Recordings:
    """What the folder held at the last look."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder else None
        self._static = {prompt.key for prompt in load_catalogue().statics()} if folder else set()
        self._found: dict[str, Recording] = {}
        self._digests: dict[tuple[Path, int, int], str] = {}

    def look(self) -> None:
        """Take notice of what was added, changed or removed."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            raise RecordingsError(f"The folder of recordings, {self._folder}, does not exist; create or unset it.")
        self._found = {
            f"{language}/{file.stem}": Recording(file, self._digest(file))
            for language in LANGUAGES
            for file in sorted((self._folder / language).glob("*"))
            if file.suffix.lower() in SOUNDS
        }

    def of(self, prompt: Prompt) -> Recording | None:
        """The recording that is heard in place of an engine."""
        if prompt.key not in self._static:
            return None
        name = f"{prompt.language}/{prompt.key}"
        normal = self._found.get(name)
        if prompt.pace == "normal":
            return normal
        slowed = Recording(normal.file, f"{normal.digest}-slow", 1 / SLOWER) if normal else None
        return self._found.get(name + SLOW, slowed)

    def problems(self) -> list[str]:
        """One sentence for each file that will never be heard. Decodes all of them."""
        return [problem for name, recording in self._found.items() if (problem := self._problem(name, recording.file))]

    def _problem(self, name: str, file: Path) -> str:
        if name.split("/", 1)[1].removesuffix(SLOW) not in self._static:
            return (
                f"{file} is for no phrase without slots; `./alo185 prompts script` lists the names of all recordings."
            )
        from prompts import audio  # only whoever looks the recordings over decodes them in this process

        try:
            audio.master(*audio.recording(file))
        except SpeechBroken as error:
            return str(error) if str(file) in str(error) else f"{file} {error}."
        return ""

    def _digest(self, file: Path) -> str:
        try:
            state = file.stat()
            known = (file, state.st_size, state.st_mtime_ns)
            if known not in self._digests:
                self._digests[known] = hashlib.blake2b(file.read_bytes(), digest_size=12).hexdigest()
        except OSError as error:
            raise RecordingsError(f"{file} cannot be read ({error}); mend its permissions or remove it.") from error
        return self._digests[known]
