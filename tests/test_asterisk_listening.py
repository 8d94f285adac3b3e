"""A recording tells which prompts were heard, when, and whether they were cut short."""

import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.asterisk.listening import listen, read_prompt
from prompts.audio import integers
from prompts.formats import NARROW
from tests.asterisk_stand import put_sound


def record(target: Path, *parts: np.ndarray) -> Path:
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(NARROW)
        out.writeframes(integers(np.concatenate(parts)).tobytes())
    return target


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * NARROW), dtype=np.float32)


@pytest.fixture
def prompts(tmp_path: Path) -> list[Path]:
    return [put_sound(tmp_path / f"prompt{seed}", seed, 1 + seed / 4) for seed in range(6)]


def test_prompts_are_found_in_the_order_and_at_the_times_they_were_heard(tmp_path: Path, prompts: list[Path]) -> None:
    third, first = read_prompt(prompts[3]), read_prompt(prompts[1])
    recording = record(tmp_path / "call.wav", silence(0.5), third, silence(1), first, silence(0.3))
    matches = listen(recording, prompts)
    assert [match.prompt for match in matches] == [prompts[3], prompts[1]]
    assert matches[0].start == pytest.approx(0.5, abs=0.002)
    assert matches[1].start == pytest.approx(1.5 + len(third) / NARROW, abs=0.002)
    assert all(match.whole and match.score > 0.95 for match in matches)


def test_a_prompt_heard_twice_is_told_twice(tmp_path: Path, prompts: list[Path]) -> None:
    sound = read_prompt(prompts[2])
    recording = record(tmp_path / "call.wav", sound, sound)
    assert [match.prompt for match in listen(recording, prompts)] == [prompts[2]] * 2


def test_a_prompt_cut_by_a_key_is_told_as_cut(tmp_path: Path, prompts: list[Path]) -> None:
    cut = read_prompt(prompts[5])[: int(1.5 * NARROW)]
    matches = listen(record(tmp_path / "call.wav", cut, silence(0.2), read_prompt(prompts[0])), prompts)
    assert [(match.prompt, match.whole) for match in matches] == [(prompts[5], False), (prompts[0], True)]
    assert matches[0].seconds == pytest.approx(1.5, abs=0.25)


def test_of_prompts_that_begin_alike_the_one_that_goes_on_alike_was_heard(tmp_path: Path) -> None:
    beginning, end = put_sound(tmp_path / "beginning", 1, 1.4), put_sound(tmp_path / "end", 2, 2)
    other = put_sound(tmp_path / "other", 3, 2)
    for name, tail in (("here", end), ("there", other)):
        joined = Path(f"{beginning}.alaw").read_bytes() + Path(f"{tail}.alaw").read_bytes()
        (tmp_path / f"{name}.alaw").write_bytes(joined)
    recording = record(tmp_path / "call.wav", silence(1), read_prompt(tmp_path / "there"))
    assert [match.prompt.name for match in listen(recording, [tmp_path / "here", tmp_path / "there"])] == ["there"]


def test_lost_packets_noise_and_another_loudness_do_not_hide_a_prompt(tmp_path: Path, prompts: list[Path]) -> None:
    sound = read_prompt(prompts[4])
    lossy = np.concatenate([sound[: NARROW // 2], sound[NARROW // 2 + 160 :]]) * 0.5
    noise = np.random.default_rng(9).normal(scale=0.01, size=len(lossy)).astype(np.float32)
    matches = listen(record(tmp_path / "call.wav", silence(0.4), lossy + noise), prompts)
    assert [match.prompt for match in matches] == [prompts[4]]
    assert matches[0].whole


def test_nothing_is_found_where_nothing_of_ours_was_heard(tmp_path: Path, prompts: list[Path]) -> None:
    stranger = read_prompt(put_sound(tmp_path / "stranger", 77, 3))
    assert listen(record(tmp_path / "call.wav", stranger, silence(1)), prompts) == []
    assert listen(record(tmp_path / "empty.wav", silence(0)), prompts) == []


def test_a_recording_that_is_still_being_written_is_heard_as_far_as_it_goes(
    tmp_path: Path, prompts: list[Path]
) -> None:
    """The telephone writes the lengths into the header when the call is over."""
    recording = record(tmp_path / "call.wav", read_prompt(prompts[1]), silence(0.2))
    raw = bytearray(recording.read_bytes())
    raw[4:8], raw[40:44] = b"\x08\0\0\0", b"\0\0\0\0"
    recording.write_bytes(raw[:-1])
    assert [match.prompt for match in listen(recording, prompts)] == [prompts[1]]
    recording.write_bytes(b"")
    assert listen(recording, prompts) == []


def test_other_recordings_are_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "call.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(NARROW)
        out.writeframes(bytes(400))
    with pytest.raises(ValueError, match="not 8 kHz"):
        listen(tmp_path / "call.wav", [])
