"""Only who has said a word has left a message."""

import math
import wave
from array import array
from pathlib import Path

import pytest

from ivr.voice import spoken_seconds

RATE = 8000


def silence(seconds: float) -> list[int]:
    return [20, -20] * round(seconds * RATE / 2)


def voice(seconds: float) -> list[int]:
    return [round(6000 * math.sin(at / 3)) for at in range(round(seconds * RATE))]


def recorded(path: Path, *parts: list[int]) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(array("h", [sample for part in parts for sample in part]).tobytes())
    return path


@pytest.mark.parametrize(
    ("parts", "seconds"),
    [
        ([silence(3)], None),
        ([], None),
        ([silence(1), voice(0.1), silence(1)], None),
        ([silence(1), voice(0.3), silence(1)], 2.3),
        ([silence(2), voice(0.12), silence(0.5), voice(0.12)], 2.74),
        ([voice(5)], 5.0),
    ],
)
def test_a_word_makes_a_message_and_a_click_does_not(
    tmp_path: Path, parts: list[list[int]], seconds: float | None
) -> None:
    assert spoken_seconds(recorded(tmp_path / "message.wav", *parts)) == (seconds and pytest.approx(seconds, abs=0.01))


def test_a_file_that_was_never_written_or_is_none_says_nothing(tmp_path: Path) -> None:
    assert spoken_seconds(tmp_path / "message.wav") is None
    (tmp_path / "message.wav").write_bytes(b"no sound")
    assert spoken_seconds(tmp_path / "message.wav") is None


def test_a_file_that_was_cut_within_a_sample_still_holds_what_was_said(tmp_path: Path) -> None:
    file = recorded(tmp_path / "message.wav", voice(1))
    file.write_bytes(file.read_bytes()[:-1])
    assert spoken_seconds(file) == pytest.approx(1, abs=0.01)
