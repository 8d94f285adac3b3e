"""Engines in processes of their own: the right voice, the right pace, and a new process when one dies or hangs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from prompts import audio
from prompts.engines import EspeakEngine, Speech, engine_for
from prompts.errors import EngineUnavailable, RenderFailed
from prompts.processes import Worker
from prompts.workers.espeak import make_sure

SENTENCE = "Gebze ilçesi, Yeni Mahalle'de şebeke arızası nedeniyle su kesintisi var."

PIPER = '''
"""Speaks like the piper package of version 1: a model file and its JSON, a chunk of audio for each sentence."""
import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np


@dataclass
class SynthesisConfig:
    length_scale: float | None = None


class PiperVoice:
    def __init__(self, rate):
        self.config = SimpleNamespace(length_scale=1.0, sample_rate=rate)

    @staticmethod
    def load(model_path):
        with open(f"{model_path}.json") as file:
            return PiperVoice(json.load(file)["audio"]["sample_rate"])

    def synthesize(self, text, syn_config):
        print("a library that prints on stdout")
        for sentence in filter(str.strip, text.split(".")):
            length = int(0.1 * len(sentence) * syn_config.length_scale * self.config.sample_rate)
            tone = (np.sin(np.arange(length) / 10) * 8000).astype("<i2")
            yield SimpleNamespace(sample_rate=self.config.sample_rate, audio_int16_bytes=tone.tobytes())
'''


@pytest.fixture
async def espeak() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    await engine.close()


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker("espeak", "trk/tr", "165", seconds=2)
    yield worker
    await worker.close()


def seconds(speech: Speech) -> float:
    return len(speech.pcm) / 2 / speech.rate


def children(module: str) -> list[int]:
    """Processes of ours that run this worker."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == os.getpid() and f"prompts.workers.{module}" in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


async def test_espeak_speaks_turkish_at_a_pace_for_the_telephone(espeak: EspeakEngine) -> None:
    speech = await espeak.say(SENTENCE, "tr", "normal")
    samples = audio.floats(speech.pcm)
    assert audio.active_level(samples, speech.rate) > -30
    assert 10 < len(SENTENCE) / seconds(speech) < 18  # letters a second


async def test_the_slow_pace_is_slower(espeak: EspeakEngine) -> None:
    normal, slow = await asyncio.gather(
        espeak.say(SENTENCE, "tr", "normal"),
        espeak.say(SENTENCE, "tr", "slow"),
    )
    assert 1.2 < seconds(slow) / seconds(normal) < 1.5


async def test_each_language_has_its_voice(espeak: EspeakEngine) -> None:
    turkish = await espeak.say("on iki", "tr", "normal")
    english = await espeak.say("on iki", "en", "normal")
    shorter = min(len(turkish.pcm), len(english.pcm))
    assert turkish.pcm[:shorter] != english.pcm[:shorter]
    assert len({espeak.voice("tr", "normal"), espeak.voice("tr", "slow"), espeak.voice("en", "normal")}) == 3


async def test_many_at_once_all_come_back_as_themselves(espeak: EspeakEngine) -> None:
    texts = [" ".join(["kesinti"] * count) for count in range(1, 25)]
    spoken = await asyncio.gather(*(espeak.say(text, "tr", "normal") for text in texts))
    lengths = [seconds(speech) for speech in spoken]
    assert lengths == sorted(lengths)


async def test_an_unknown_voice_is_refused_instead_of_speaking_english() -> None:
    engine = EspeakEngine({"tr": "trk/klingon", "en": "gmw/en"})
    with pytest.raises(EngineUnavailable, match="trk/klingon"):
        await engine.say("su", "tr", "normal")
    await engine.close()


class Espeak:
    """Tells what espeak-ng would: its default rate as long as its thread has not returned from an utterance."""

    def __init__(self, *rates: int) -> None:
        self._rates = list(rates)

    def getProperty(self, name: str) -> str | int:
        if name == "voice":
            return "gmw/en"
        return self._rates.pop(0) if len(self._rates) > 1 else self._rates[0]

    def told(self, rate: int) -> None:
        self._rates = [rate]


def test_a_voice_that_tells_its_pace_late_on_a_busy_machine_is_not_taken_for_a_missing_one() -> None:
    make_sure(Espeak(175, 175, 160), "gmw/en", 160, pytest.fail)


def test_a_pace_whose_report_was_lost_is_told_with_the_next_utterance() -> None:
    engine = Espeak(175)
    make_sure(engine, "gmw/en", 160, lambda: engine.told(160), seconds=0.05)


def test_another_voice_or_pace_than_asked_for_is_refused() -> None:
    with pytest.raises(EngineUnavailable, match='no voice "trk/tr"'):
        make_sure(Espeak(160), "trk/tr", 160, pytest.fail)
    with pytest.raises(EngineUnavailable, match="pace of 160"):
        make_sure(Espeak(175), "gmw/en", 160, lambda: None, seconds=0.01)


async def test_a_voice_that_is_killed_speaks_again(espeak: EspeakEngine) -> None:
    await espeak.say("su", "tr", "normal")
    for process in children("espeak"):
        os.kill(process, signal.SIGKILL)
    assert seconds(await espeak.say("su", "tr", "normal")) > 0.2


async def test_a_voice_that_hangs_is_replaced(worker: Worker) -> None:
    await worker.ask({"text": "su"})
    (hung,) = children("espeak")
    os.kill(hung, signal.SIGSTOP)
    _, pcm = await worker.ask({"text": "su"})
    assert pcm
    assert children("espeak") != [hung]


async def test_a_given_up_request_does_not_answer_the_next(worker: Worker) -> None:
    await worker.warm()
    given_up = asyncio.create_task(worker.ask({"text": SENTENCE * 5}))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    reply, pcm = await worker.ask({"text": "su"})
    assert len(pcm) / 2 / reply["rate"] < 2


async def test_a_process_that_never_starts_well_is_an_error_and_not_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyttsx3.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RenderFailed, match="twice"):
        await EspeakEngine().say("su", "tr", "normal")


async def test_without_espeak_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyttsx3.py").write_text("def init(name): raise RuntimeError('libespeak-ng.so.1 not found')")
    (tmp_path / "pyttsx3").mkdir()
    (tmp_path / "pyttsx3.py").rename(tmp_path / "pyttsx3" / "__init__.py")
    (tmp_path / "pyttsx3" / "drivers.py").write_text("_espeak = None")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="apt-get install espeak-ng"):
        await EspeakEngine().say("su", "tr", "normal")


def voice_files(folder: Path) -> Path:
    model = folder / "tr_TR-somebody-medium.onnx"
    model.write_bytes(b"weights")
    (folder / f"{model.name}.json").write_text('{"audio": {"sample_rate": 16000}}')
    return model


async def test_piper_speaks_turkish_and_leaves_english_to_espeak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "piper.py").write_text(PIPER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    engine = engine_for("piper", voice_files(tmp_path))
    normal = await engine.say("Su geldi. Su geldi.", "tr", "normal")
    slow = await engine.say("Su geldi. Su geldi.", "tr", "slow")
    english = await engine.say("The water is back.", "en", "normal")
    assert (normal.rate, english.rate) == (16000, 22050)
    assert seconds(slow) / seconds(normal) == pytest.approx(4 / 3, rel=0.01)
    assert np.abs(audio.floats(normal.pcm)).max() > 0.2
    await engine.close()


async def test_without_piper_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "piper.py").write_text("raise ImportError('No module named onnxruntime')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"alo185\[piper\]"):
        await engine_for("piper", voice_files(tmp_path)).say("su", "tr", "normal")


async def test_a_damaged_piper_voice_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "piper.py").write_text(PIPER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = voice_files(tmp_path)
    (tmp_path / f"{model.name}.json").write_text("<html>not found</html>")
    with pytest.raises(EngineUnavailable, match=model.name):
        await engine_for("piper", model).say("su", "tr", "normal")


@pytest.mark.parametrize(
    ("name", "voice", "hint"),
    [
        ("festival", None, "espeak or piper"),
        ("piper", None, "ALO185_PIPER_VOICE"),
        ("piper", Path("nowhere.onnx"), "nowhere.onnx"),
    ],
)
def test_settings_that_cannot_be_are_explained(name: str, voice: Path | None, hint: str) -> None:
    with pytest.raises(EngineUnavailable, match=hint):
        engine_for(name, voice)


def test_another_model_file_is_another_voice(tmp_path: Path) -> None:
    model = voice_files(tmp_path)
    before = engine_for("piper", model).voice("tr", "normal")
    model.write_bytes(b"better weights")
    assert engine_for("piper", model).voice("tr", "normal") != before
