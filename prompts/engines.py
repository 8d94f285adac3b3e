"""Who speaks: espeak-ng through pyttsx3, or a Piper neural voice. Each voice and pace has a process of its own."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from prompts.errors import EngineUnavailable
from prompts.processes import Crew
from prompts.prompt import LANGUAGES, Language, Pace

VOICES: dict[Language, str] = {"tr": "trk/tr", "en": "gmw/en"}
"""espeak-ng's own file names: exact, where a language code may silently pick another voice."""
RATES: dict[tuple[Language, Pace], int] = {
    ("tr", "normal"): 165,
    ("tr", "slow"): 124,
    ("en", "normal"): 160,
    ("en", "slow"): 120,
}
"""Words a minute as espeak-ng counts them."""
SLOWER = 4 / 3
"""How much longer the slow pace takes."""
PROCESSES = 2
"""Of one voice: enough to keep two cores busy while the whole catalogue is rendered."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Raw speech of an engine: mono, 16-bit little-endian."""

    pcm: bytes
    rate: int
    """Samples a second."""


class Engine(Protocol):
    def voice(self, language: Language, pace: Pace) -> str:
        """Names all that shapes the sound, fit for a folder's name: it changes when the same words sound different."""

    async def say(self, text: str, language: Language, pace: Pace) -> Speech:
        """Raises `EngineUnavailable` or `RenderFailed`."""

    async def warm(self) -> None:
        """Start what the first prompt at the normal pace would wait for."""

    async def close(self) -> None: ...


class EspeakEngine:
    """Offline, small, in every distribution."""

    def __init__(self, voices: dict[Language, str] = VOICES) -> None:
        self._voices = voices
        self._crews = {
            (language, pace): Crew(PROCESSES, "espeak", voices[language], str(rate), seconds=10)
            for (language, pace), rate in RATES.items()
        }

    def voice(self, language: Language, pace: Pace) -> str:
        return f"espeak-{self._voices[language].replace('/', '-')}-{RATES[language, pace]}"

    async def say(self, text: str, language: Language, pace: Pace) -> Speech:
        reply, pcm = await self._crews[language, pace].ask({"text": text})
        return Speech(pcm, reply["rate"])

    async def warm(self) -> None:
        await asyncio.gather(*(self._crews[language, "normal"].warm() for language in LANGUAGES))

    async def close(self) -> None:
        await asyncio.gather(*(crew.close() for crew in self._crews.values()))


class PiperEngine:
    """A neural voice for Turkish; English stays with espeak-ng."""

    def __init__(self, model: Path) -> None:
        for file in (model, model.with_name(model.name + ".json")):
            if not file.is_file():
                raise EngineUnavailable(
                    f"The Piper voice needs {file}, which does not exist; download both the .onnx and the .onnx.json "
                    "file of a Turkish voice and name the .onnx in ALO185_PIPER_VOICE."
                )
        fingerprint = hashlib.blake2b(f"{model.stat().st_size} {model.stat().st_mtime_ns}".encode(), digest_size=4)
        self._name = f"piper-{model.stem}-{fingerprint.hexdigest()}"
        path = str(model.resolve())
        self._crews: dict[Pace, Crew] = {
            "normal": Crew(1, "piper", path, "1.0", seconds=60),
            "slow": Crew(1, "piper", path, f"{SLOWER:.3f}", seconds=60),
        }
        self._espeak = EspeakEngine()

    def voice(self, language: Language, pace: Pace) -> str:
        return f"{self._name}-{pace}" if language == "tr" else self._espeak.voice(language, pace)

    async def say(self, text: str, language: Language, pace: Pace) -> Speech:
        if language != "tr":
            return await self._espeak.say(text, language, pace)
        reply, pcm = await self._crews[pace].ask({"text": text})
        return Speech(pcm, reply["rate"])

    async def warm(self) -> None:
        await asyncio.gather(self._crews["normal"].warm(), self._espeak.warm())

    async def close(self) -> None:
        await asyncio.gather(self._espeak.close(), *(crew.close() for crew in self._crews.values()))


def engine_for(name: str, piper_voice: Path | None = None) -> Engine:
    """The engine that the settings name."""
    if name == "espeak":
        return EspeakEngine()
    if name != "piper":
        raise EngineUnavailable(f'There is no speech engine "{name}"; choose espeak or piper.')
    if piper_voice is None:
        raise EngineUnavailable("The Piper engine needs a voice; set ALO185_PIPER_VOICE to its .onnx file.")
    return PiperEngine(piper_voice)
