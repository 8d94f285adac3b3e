"""Which prompts a recording holds, and when: proof that a caller heard what they should have heard."""

import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import soxr

from prompts.audio import NARROW as RATE
from prompts.audio import Samples, floats, pcm

HEAD = 1.2
"""Seconds of a prompt's beginning that are searched for; a prompt that a key cut shorter than this is not found."""
BLOCK = 0.2
"""Seconds; a prompt counts as heard for as long as its blocks go on matching."""
DRIFT = 0.06
"""Seconds by which lost or repeated packets may shift a block against the one before."""
COARSE = 2000
"""Samples a second at which most prompts are ruled out at a sixteenth of the cost; voices live below 1 kHz."""
PROMISING = 0.4
"""Normalised correlation from which a beginning is followed; a lost packet within it halves what agrees."""
AGREES = 0.6
"""Normalised correlation from which a block counts as heard. A-law against its source is above 0.95."""
QUIET = 0.001
"""Root mean square (full scale is 1) below which nothing is matched."""
WAV_HEADER = 44


@dataclass(frozen=True, slots=True)
class Match:
    """A prompt that was heard: from `start` for `seconds`, as far as the recording and the prompt agree."""

    prompt: Path
    start: float
    seconds: float
    score: float
    """Mean normalised correlation of what agrees, 0 to 1."""
    whole: bool
    """False when it was cut short, by a key or by the hang-up."""


def listen(recording: Path, prompts: Iterable[Path]) -> list[Match]:
    """The prompts heard in a recording, in order; `prompts` are paths without their extension (`.alaw`)."""
    heard = read_wav(recording)
    finder = _Finder(heard)
    found = [match for prompt in prompts for match in finder.find(prompt, read_prompt(prompt))]
    return sorted(_best(found), key=lambda match: match.start)


def read_wav(path: Path) -> Samples:
    """8 kHz, 16-bit, mono. A recording still being written is read as far as it goes."""
    with wave.open(str(path), "rb") as opened:
        if (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} is not 8 kHz, 16 bit, mono.")
    raw = path.read_bytes()[WAV_HEADER:]
    return floats(raw[: len(raw) // 2 * 2])


def read_prompt(prompt: Path) -> Samples:
    """A prompt's samples at 8 kHz, as the telephone line carries them."""
    return pcm(Path(f"{prompt}.alaw"))[0]


class _Searched:
    """A recording at one rate, prepared once for many prompts."""

    def __init__(self, heard: Samples, rate: int) -> None:
        self._heard = heard
        self._size = 1 << int(np.ceil(np.log2(max(len(heard) + HEAD * rate, 2))))
        self._spectrum = np.fft.rfft(heard, self._size)
        self._energy = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])

    def likeness(self, head: Samples) -> Samples:
        """Normalised correlation of `head` with the recording at every start; 0 where the recording is quiet."""
        places = len(self._heard) - len(head) + 1
        if places < 1 or not len(head):
            return np.zeros(1, dtype=np.float32)
        correlation = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(head, self._size)), self._size)[:places]
        energy = self._energy[len(head) :] - self._energy[:places]
        loud = energy > QUIET**2 * len(head)
        scale = np.sqrt(np.where(loud, energy, np.inf)) * max(float(np.linalg.norm(head)), QUIET)
        return np.asarray(correlation / scale, dtype=np.float32)


class _Finder:
    """Finds prompts in one recording: roughly at first, then exactly."""

    def __init__(self, heard: Samples) -> None:
        self._heard = heard
        self._rough = _Searched(_coarse(heard), COARSE)
        self._exact = _Searched(heard, RATE)

    def find(self, name: Path, prompt: Samples) -> Iterator[Match]:
        """Every place where the prompt's beginning is heard, followed for as long as it goes on."""
        head = prompt[: int(min(HEAD * RATE, 0.8 * len(prompt)))]
        if self._rough.likeness(_coarse(head)).max() < PROMISING:
            return
        likeness = self._exact.likeness(head)
        while likeness.max() >= PROMISING:
            start = int(likeness.argmax())
            seconds, score = self._follow(prompt, start)
            whole = seconds * RATE > len(prompt) - 2 * BLOCK * RATE
            if seconds:
                yield Match(name, start / RATE, seconds, score, whole)
            likeness[max(0, start - len(head) // 2) : start + max(len(head) // 2, int(seconds * RATE))] = 0

    def _follow(self, prompt: Samples, start: int) -> tuple[float, float]:
        """How many seconds of the prompt agree from `start` on, and how well."""
        size, drift = int(BLOCK * RATE), int(DRIFT * RATE)
        scores: list[float] = []
        agreed = shift = 0
        for index in count():
            block = prompt[index * size : (index + 1) * size]
            at = start + index * size + shift
            around = self._heard[max(0, at - drift) : at + len(block) + drift]
            if len(block) < size // 4 or len(around) < len(block):
                break
            if np.linalg.norm(block) < QUIET * np.sqrt(len(block)):
                continue
            score, moved = _align(block, around)
            if score < AGREES:
                break
            shift += moved - (at - max(0, at - drift))
            scores.append(score)
            agreed = (index + 1) * size
        return min(agreed, len(prompt)) / RATE, float(np.mean(scores)) if scores else 0.0


def _coarse(samples: Samples) -> Samples:
    return np.asarray(soxr.resample(samples, RATE, COARSE), dtype=np.float32)


def _align(block: Samples, around: Samples) -> tuple[float, int]:
    """The best normalised correlation of `block` within `around`, and its place."""
    correlation = np.correlate(around, block)
    energy = np.convolve(around.astype(np.float64) ** 2, np.ones(len(block)), "valid")
    likeness = correlation / np.sqrt(np.maximum(energy, QUIET**2 * len(block))) / np.linalg.norm(block)
    place = int(likeness.argmax())
    return float(likeness[place]), place


def _best(found: list[Match]) -> list[Match]:
    """One match for each moment: of prompts that begin alike, the one that agrees for longest."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (match.seconds, match.score), reverse=True):
        middle = match.start + match.seconds / 2
        if not any(other.start <= middle <= other.start + other.seconds for other in kept):
            kept.append(match)
    return kept
