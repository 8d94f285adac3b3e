"""Which prompts a recording holds, and when: proof that a caller heard what they should have heard."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from struct import Struct

import numpy as np
import soxr

from prompts.audio import Samples, floats, pcm
from prompts.formats import NARROW as RATE

HEAD = 1.2
"""Seconds of a prompt's beginning that are searched for; a prompt that a key cut shorter than this is not found."""
BLOCK = 0.2
"""Seconds; a prompt counts as heard for as long as its blocks go on matching."""
DRIFT = 0.06
"""Seconds by which lost or repeated packets may shift a block against the one before."""
COARSE = 1000
"""Samples a second at which a whole recording is searched: an eighth of the telephone's, and voices are still apart."""
PIECE, STEP = 4096, 4096 - int(HEAD * COARSE)
"""Samples that are transformed at once, which a processor keeps beside itself, and those of them that are of use."""
NEAR = 0.01
"""Seconds around a roughly found place within which the exact one lies."""
PROMISING = 0.4
"""Normalised correlation from which a beginning is followed; a lost packet within it halves what agrees."""
AGREES = 0.6
"""Normalised correlation from which a block counts as heard. A-law against its source is above 0.95."""
QUIET = 0.001
"""Root mean square (full scale is 1) below which nothing is matched."""
WAV_HEADER, FORMAT_AT = 44, 20
_FORMAT = Struct("<HHIIHH")
"""PCM, channels, samples a second, bytes a second, bytes a sample, bits a sample."""


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
    found = [match for prompt in prompts for match in finder.find(_sound(prompt))]
    return sorted(_best(found), key=lambda match: match.start)


def read_wav(path: Path) -> Samples:
    """8 kHz, 16-bit, mono. A recording still being written is read as far as it goes; its header has no length."""
    raw = path.read_bytes()
    if raw and _FORMAT.unpack_from(raw.ljust(WAV_HEADER, b"\0"), FORMAT_AT) != (1, 1, RATE, 2 * RATE, 2, 16):
        raise ValueError(f"{path} is not 8 kHz, 16 bit, mono.")
    sound = raw[WAV_HEADER:]
    return floats(sound[: len(sound) // 2 * 2])


def read_prompt(prompt: Path) -> Samples:
    """A prompt's samples at 8 kHz, as the telephone line carries them."""
    return pcm(Path(f"{prompt}.alaw"))[0]


@dataclass(frozen=True, slots=True)
class _Sound:
    """A prompt, prepared once for many recordings."""

    prompt: Path
    samples: Samples
    head: Samples
    """Its beginning, which is searched for."""
    rough: Samples
    """The same at `COARSE`."""


def _sound(prompt: Path) -> _Sound:
    return _prepared(prompt, Path(f"{prompt}.alaw").stat().st_mtime_ns)


@lru_cache(maxsize=1000)
def _prepared(prompt: Path, _written: int) -> _Sound:
    samples = read_prompt(prompt)
    head = samples[: int(min(HEAD * RATE, 0.8 * len(samples)))]
    return _Sound(prompt, samples, head, _coarse(head))


class _Finder:
    """One recording, prepared once for many prompts."""

    def __init__(self, heard: Samples) -> None:
        self._heard = heard
        self._rough = _coarse(heard)
        self._spectra = np.fft.rfft(_overlapping(self._rough))
        self._energy = np.concatenate([[0.0], np.cumsum(self._rough.astype(np.float64) ** 2)])
        self._loudness: dict[int, Samples] = {}

    def find(self, sound: _Sound) -> Iterator[Match]:
        """Every place where the prompt's beginning is heard, followed for as long as it goes on."""
        prompt, head = sound.samples, sound.head
        likeness = self._likeness(sound.rough)
        while likeness.max() >= PROMISING:
            peak = int(likeness.argmax())
            start = self._exactly(head, peak)
            seconds, score = self._follow(prompt, start)
            if seconds * RATE > len(head) / 2:
                yield Match(sound.prompt, start / RATE, seconds, score, seconds * RATE > len(prompt) - 2 * BLOCK * RATE)
            half = int(len(head) * COARSE / RATE / 2)
            likeness[max(0, peak - half) : peak + max(half, 1, int((seconds - DRIFT) * COARSE))] = 0

    def _likeness(self, head: Samples) -> Samples:
        """Normalised correlation of `head` with the recording at every start; 0 where the recording is quiet."""
        places = len(self._rough) - len(head) + 1
        if places < 1 or not len(head):
            return np.zeros(1, dtype=np.float32)
        if len(head) not in self._loudness:
            energy = self._energy[len(head) :] - self._energy[:places]
            self._loudness[len(head)] = np.sqrt(np.where(energy > QUIET**2 * len(head), energy, np.inf))
        correlations = np.fft.irfft(self._spectra * np.conj(np.fft.rfft(head, PIECE)), PIECE)
        correlation = correlations[:, :STEP].reshape(-1)[:places]
        likeness = correlation / self._loudness[len(head)] / max(float(np.linalg.norm(head)), QUIET)
        return np.asarray(likeness, dtype=np.float32)

    def _exactly(self, head: Samples, peak: int) -> int:
        """The sample at which `head` begins, near a peak of the rough search."""
        first = max(0, round((peak / COARSE - NEAR) * RATE))
        around = self._heard[first : first + len(head) + int(2 * NEAR * RATE)]
        return first + _align(head, around)[1] if len(around) >= len(head) else first

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


def _overlapping(rough: Samples) -> Samples:
    """The recording in pieces of which each begins with the end of the one before, filled up with silence."""
    filled = np.concatenate([rough, np.zeros(PIECE, dtype=np.float32)])
    return np.lib.stride_tricks.sliding_window_view(filled, PIECE)[::STEP]


def _align(block: Samples, around: Samples) -> tuple[float, int]:
    """The best normalised correlation of `block` within `around`, and its place."""
    correlation = np.correlate(around, block)
    sums = np.concatenate([[0.0], np.cumsum(around.astype(np.float64) ** 2)])
    energy = sums[len(block) :] - sums[: len(sums) - len(block)]
    likeness = correlation / np.sqrt(np.maximum(energy, QUIET**2 * len(block))) / np.linalg.norm(block)
    place = int(likeness.argmax())
    return float(likeness[place]), place


def _best(found: list[Match]) -> list[Match]:
    """One match for each moment: of prompts that begin alike, the one that agrees for longest."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (match.seconds, match.score), reverse=True):
        if not any(_shared(match, other) > DRIFT for other in kept):
            kept.append(match)
    return kept


def _shared(one: Match, other: Match) -> float:
    """Seconds for which two matches overlap."""
    return min(one.start + one.seconds, other.start + other.seconds) - max(one.start, other.start)
