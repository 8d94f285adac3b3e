"""Telephone audio: even loudness, short silences, four formats that hold the same words."""

import wave
from pathlib import Path

import numpy as np
import pytest

from prompts import audio
from prompts.audio import Samples
from prompts.errors import SpeechBroken
from prompts.formats import FORMATS, NARROW, WIDE
from prompts.workers import studio

RATE = 22050


def speech(seconds: float, level: float = 0.2, rate: int = RATE) -> Samples:
    """Noise that comes in syllables, four a second, as speech does."""
    at = np.arange(int(seconds * rate)) / rate
    syllables = np.clip(np.sin(2 * np.pi * 4 * at) + 0.6, 0, 1)
    noise = np.random.default_rng(185).standard_normal(len(at))
    band = np.convolve(noise, np.hanning(9) / 3, "same")
    return np.clip(level * syllables * band, -1, 1).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


def likeness(one: Samples, other: Samples) -> float:
    """The highest normalised cross-correlation, wherever it is."""
    length = len(one) + len(other)
    product = np.fft.irfft(np.fft.rfft(one, length) * np.conj(np.fft.rfft(other, length)), length)
    return float(product.max() / (np.linalg.norm(one) * np.linalg.norm(other)))


def quiet_ends(samples: Samples, rate: int) -> tuple[float, float]:
    """Seconds of silence before and after the words."""
    heard = np.flatnonzero(np.abs(samples) > 0.01)
    return heard[0] / rate, (len(samples) - heard[-1]) / rate


@pytest.mark.parametrize("level", [0.01, 0.1, 0.6])
def test_a_whisper_and_a_shout_are_equally_loud(level: float) -> None:
    prompt = audio.master(speech(3, level), RATE)
    assert audio.active_level(prompt.wide, WIDE) == pytest.approx(audio.ACTIVE_LEVEL, abs=0.7)
    assert audio.active_level(prompt.narrow, NARROW) == pytest.approx(audio.ACTIVE_LEVEL, abs=2)


def test_pauses_do_not_make_a_prompt_louder() -> None:
    words = speech(2)
    with_pauses = np.concatenate([words, silence(3), words])
    assert audio.active_level(with_pauses, RATE) == pytest.approx(audio.active_level(words, RATE), abs=0.7)


def test_peaks_stay_below_the_ceiling() -> None:
    spiky = speech(3, 0.05)
    spiky[::997] = 0.99
    prompt = audio.master(spiky, RATE)
    assert max(np.abs(prompt.wide).max(), np.abs(prompt.narrow).max()) <= audio.CEILING


def test_silence_around_the_words_is_cut_to_what_sounds_natural() -> None:
    prompt = audio.master(np.concatenate([silence(1.5), speech(2), silence(2)]), RATE)
    before, after = quiet_ends(prompt.wide, WIDE)
    assert before <= 0.04
    assert 0.1 <= after <= 0.25


def test_words_that_end_with_the_file_still_get_their_gap() -> None:
    prompt = audio.master(speech(2.1), RATE)
    assert quiet_ends(prompt.wide, WIDE)[1] >= 0.1


def test_prompts_are_whole_packets_in_every_format() -> None:
    prompt = audio.master(speech(1.234), RATE)
    lengths = {suffix: len(content) / FORMATS[suffix] for suffix, content in audio.encoded(prompt).items()}
    assert set(lengths) == set(FORMATS)
    assert set(lengths.values()) == {prompt.seconds * NARROW}
    assert len(prompt.narrow) % audio.PACKET == 0


@pytest.mark.parametrize("longest", ["320", "3200"])
def test_how_long_a_frame_may_be_changes_no_byte(longest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = audio.master(speech(7.3), RATE)
    in_long_frames = audio.encoded(prompt)
    monkeypatch.setattr(audio, "LONGEST_FRAME", longest)
    assert audio.encoded(prompt) == in_long_frames


def test_only_peaks_are_bent() -> None:
    loud = np.array([0.0, 0.59, -0.3, 0.7, -0.95, 1.7], np.float32)
    limited = audio._limited(loud)
    assert np.array_equal(limited[:3], loud[:3])
    assert limited[3:] == pytest.approx([0.6962, -0.8424, 0.8897], abs=0.0001)
    assert limited.max() < audio.CEILING < loud.max()


def test_every_format_holds_the_same_words(tmp_path: Path) -> None:
    prompt = audio.master(speech(2), RATE)
    studio.write(prompt, tmp_path / "prompt")
    for suffix in FORMATS:
        samples, rate = audio.pcm(tmp_path / f"prompt.{suffix}")
        original = prompt.narrow if rate == NARROW else prompt.wide
        assert likeness(samples, original) > 0.97, suffix
        assert likeness(samples, speech(2, rate=rate)[::-1]) < 0.3, suffix


@pytest.mark.parametrize(
    ("samples", "text", "reason"),
    [
        (silence(2), "", "silent"),
        (speech(2) * 0.001, "", "silent"),
        (np.sign(speech(2)), "", "clipping"),
        (speech(0.4), "Gebze ilçesi, Yeni Mahalle'de şebeke arızası nedeniyle su kesintisi var.", "too short"),
    ],
)
def test_what_no_caller_could_follow_is_refused(samples: Samples, text: str, reason: str) -> None:
    with pytest.raises(SpeechBroken, match=reason):
        audio.master(samples, RATE, text)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SpeechBroken, match="silent"):
        audio.master(silence(0), RATE)


def test_a_stereo_studio_file_becomes_a_prompt(tmp_path: Path) -> None:
    file = tmp_path / "studio.wav"
    save_wav(file, speech(2, rate=44100), 44100, channels=2)
    samples, rate = audio.recording(file)
    assert rate == 44100
    assert len(samples) == pytest.approx(2 * 44100, abs=2)
    assert likeness(samples, speech(2, rate=44100)) > 0.99


def test_a_slowed_recording_takes_longer(tmp_path: Path) -> None:
    file = tmp_path / "studio.wav"
    save_wav(file, speech(3), RATE)
    samples, rate = audio.recording(file, tempo=0.75)
    assert len(samples) / rate == pytest.approx(4, rel=0.05)


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.wav"
    file.write_text("call the studio on Monday")
    with pytest.raises(SpeechBroken, match=r"notes\.wav"):
        audio.recording(file)


def test_prompts_in_a_row_have_a_pause_between_them(tmp_path: Path) -> None:
    prompt = audio.master(speech(1), RATE)
    studio.write(prompt, tmp_path / "one")
    row = studio.sequence([tmp_path / "one.sln16"] * 3)
    assert row.seconds == pytest.approx(3 * prompt.seconds + 2 * audio.PAUSE)


def save_wav(file: Path, samples: Samples, rate: int, channels: int = 1) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.repeat(audio.integers(samples), channels).tobytes())
