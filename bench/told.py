"""What the agents' queue told its callers of their place and their wait, and whether that was so."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from bench.rtp import SAMPLES, Sound
from ivr.asterisk.sounds import SPOKEN_NUMBERS

Word = int | str
"""A number, or the name of a phrase: `position`."""
PROBE = 5 * SAMPLES
FROM = 10 * SAMPLES
"""Of a sound: what tells it from all others. The beginning of `on` is that of `on bir`."""
PHRASES = ("next", "position", "more", "than", "thanks")
"""Asterisk's own."""
SLACK = 0.3
"""Seconds around an announcement: what was true then counts, since an agent may answer just before it or after it."""
MORE = 100
"""The place of those who hear that it is beyond 99."""


@dataclass(frozen=True, slots=True)
class Heard:
    word: Word
    at: float
    """When it began, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Told:
    """One announcement."""

    what: str
    """`place` or `minutes`."""
    value: int
    began: float
    """When its first word was said: by then its number was settled."""
    at: float
    """When its number was said."""


class Ear:
    """Knows the queue's sounds by their A-law bytes, which arrive as they are in the files."""

    def __init__(self, sounds: Mapping[Word, bytes]) -> None:
        self._probes = {word: audio[FROM : FROM + PROBE] for word, audio in sounds.items()}
        for word, probe in self._probes.items():
            same = [other for other, audio in sounds.items() if other != word and probe in audio]
            if same:
                raise ValueError(f"{word!r} cannot be told from {same}")

    def words(self, sound: Sound) -> list[Heard]:
        """All that was said, in order."""
        stream, ends = b"".join(sound.payloads), list(accumulate(map(len, sound.payloads)))
        found = [(at - FROM, word) for word, probe in self._probes.items() for at in _everywhere(probe, stream)]
        inside = [(at, word) for at, word in sorted(found) if at >= 0]
        return [Heard(word, sound.arrivals[bisect_right(ends, at)] / 1e9) for at, word in inside]


def queue_sounds(folder: Path) -> dict[Word, bytes]:
    """One language's sounds, as Asterisk has them."""
    files: dict[Word, Path] = {each: folder / f"alo185/queue-{each}.alaw" for each in PHRASES}
    files |= {number: folder / f"digits/{number}.alaw" for number in SPOKEN_NUMBERS}
    return {word: file.read_bytes() for word, file in files.items()}


def _everywhere(probe: bytes, stream: bytes) -> Iterator[int]:
    at = stream.find(probe)
    while at >= 0:
        yield at
        at = stream.find(probe, at + 1)


def announcements(words: Sequence[Heard]) -> list[Told]:
    """Whole ones: a caller whose turn comes is cut off in the middle of a number."""
    told: list[Told] = []
    lead, began, numbers = "", 0.0, list[Heard]()
    for heard in words:
        if isinstance(heard.word, int):
            numbers.append(heard)
            continue
        if numbers and lead in ("position", "more", "holdtime"):
            value = sum(int(each.word) for each in numbers)
            what = "minutes" if lead == "holdtime" else "place"
            told.append(Told(what, MORE if lead == "more" else value, began, numbers[0].at))
        if heard.word == "next":
            told.append(Told("place", 1, heard.at, heard.at))
        lead, began, numbers = str(heard.word), heard.at, []
    return told


@dataclass(frozen=True, slots=True)
class Queue:
    """What truly happened: when each caller joined, and when an agent answered whom."""

    joined: Mapping[str, float]
    answered: Mapping[str, float]

    def places(self, caller: str, around: tuple[float, float]) -> range:
        """All that may have been this caller's place in that time; those beyond 99 are one."""
        before = [other for other, at in self.joined.items() if at < self.joined[caller]]
        first, last = (1 + sum(self.answered.get(other, at + 1) > at for other in before) for at in around)
        return range(min(last, MORE), min(first, MORE) + 1)

    def waited(self, caller: str) -> float:
        """Seconds; 0 for who was not answered."""
        return max(0.0, self.answered[caller] - self.joined[caller]) if caller in self.answered else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    right: int
    wrong: tuple[str, ...]
    """Each as a sentence."""


def judge_places(heard: Mapping[str, Sequence[Told]], queue: Queue) -> Verdict:
    """Against the order in which callers joined, and who of them had been answered."""
    judged = []
    for caller, told in _each(heard, "place"):
        truth = queue.places(caller, (told.began - SLACK, told.at + SLACK))
        sentence = f"{caller} was told place {told.value}, right was {truth.start} to {truth.stop - 1}"
        judged.append((told.value in truth, sentence))
    return _verdict(judged)


def judge_minutes(heard: Mapping[str, Sequence[Told]], queue: Queue) -> Verdict:
    """Against what they then really waited: not more than a minute more or less than what was rounded up and told."""
    judged = []
    for caller, told in _each(heard, "minutes"):
        waited = (queue.answered.get(caller, told.at) - told.at) / 60
        sentence = f"{caller} was told {told.value} minutes and waited {waited:.1f}"
        judged.append((told.value - 2 < waited <= told.value + 1, sentence))
    return _verdict(judged)


def _each(heard: Mapping[str, Sequence[Told]], what: str) -> Iterator[tuple[str, Told]]:
    return ((caller, told) for caller, all_of in heard.items() for told in all_of if told.what == what)


def _verdict(judged: Iterable[tuple[bool, str]]) -> Verdict:
    all_of = list(judged)
    return Verdict(sum(right for right, _ in all_of), tuple(sentence for right, sentence in all_of if not right))
