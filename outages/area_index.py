"""Areas in the order in which somebody who is still typing means them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from outages.keys import folded
from outages.names import match_key

LONGEST = 80
"""Characters that are looked at; nobody types more of a name."""
MOST_WORDS = 6
SHORTEST_TYPO = 4
"""Letters from which a word may hold one wrong letter."""
_MEANS_NOTHING = {"mah", "mh", "mahalle", "mahallesi", "ilce", "ilcesi"}
_SUFFIX = "mahallesi"
_EXACT, _BEGINS, _IN_ORDER, _ANYWHERE, _INSIDE, _UNSAID = range(6)
Reading = tuple[tuple[str, ...], tuple[str, ...]]
"""Words that name the district, and words that name the place in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of an area: today's, or one that it had before."""

    area_id: int
    district_id: int | None
    name: str
    spoken: str
    people: int
    number: int
    former: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    area_id: int
    former: str | None
    """The old name, where it was found by that."""


class _Known:
    """An entry with its names as texts that one search goes through: each keystroke asks all of them."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.keys, self._words = _keys(entry.name, entry.spoken)
        self._whole = {f"{key}{ending}" for key in self.keys for ending in ("", "mah", "mahalle", _SUFFIX)}
        self._beginnings = "".join(f" {key}{_SUFFIX}" for key in self.keys)
        self._glued = " ".join(self.keys)
        self._spaced = "".join(f" {word}" for word in self._words)

    def quality(self, said: tuple[str, ...], glued: str, *, typo: bool) -> int | None:
        """How well the words fit this name, 0 best; None not at all."""
        if not said:
            return _UNSAID
        return self._nearly(said, glued) if typo else self._rightly(said, glued)

    def _rightly(self, said: tuple[str, ...], glued: str) -> int | None:
        if glued in self._whole:
            return _EXACT
        if f" {glued}" in self._beginnings:
            return _BEGINS
        if f" {said[0]}" in self._spaced:
            if self._in_order(said):
                return _IN_ORDER
            if self._each(said):
                return _ANYWHERE
        return _INSIDE if len(glued) > 2 and glued in self._glued else None

    def _in_order(self, said: tuple[str, ...]) -> bool:
        """Each begins a word that comes after the one before."""
        at = -1
        for word in said:
            at = self._spaced.find(f" {word}", at + 1)
            if at < 0:
                return False
        return True

    def _each(self, said: tuple[str, ...]) -> bool:
        return all(_SUFFIX.startswith(word) or f" {word}" in self._spaced for word in said[1:])

    def _nearly(self, said: tuple[str, ...], glued: str) -> int | None:
        if any(near(glued, key) for key in self.keys):
            return _BEGINS
        return _ANYWHERE if all(f" {word}" in self._spaced or self._near(word) for word in said) else None

    def _near(self, word: str) -> bool:
        return any(near(word, own) for own in self._words)


class AreaIndex:
    """Made once for a list of areas; each keystroke then asks it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        known = [_Known(entry) for entry in entries]
        self._all = known
        self._districts = [each for each in known if each.entry.district_id is None]
        self._inside: dict[int, list[_Known]] = {}
        for each in known:
            self._inside.setdefault(each.entry.district_id or each.entry.area_id, []).append(each)

    def find(self, text: str, limit: int) -> list[Hit]:
        """Best first: whole names, then beginnings, then words in it; names with a typing error last."""
        ranks: dict[int, tuple[tuple[int, ...], Hit]] = {}
        meanings = _meanings(text)
        for said in meanings:
            self._rank(said, ranks, typo=False)
        for said in meanings if len(ranks) < limit else ():
            self._rank(said, ranks, typo=True)
        return [hit for _, hit in sorted(ranks.values(), key=lambda ranked: ranked[0])[:limit]]

    def _rank(self, said: tuple[str, ...], ranks: dict[int, tuple[tuple[int, ...], Hit]], *, typo: bool) -> None:
        for district_words, name_words in _readings(said):
            glued = "".join(name_words)
            for known, district_quality in self._among(district_words, typo=typo):
                quality = known.quality(name_words, glued, typo=False)
                if quality is None and typo:
                    quality = known.quality(name_words, glued, typo=True)
                if quality is None:
                    continue
                entry = known.entry
                rank = (int(typo), quality, entry.former, entry.district_id is not None, district_quality)
                ranked = (*map(int, rank), -entry.people, entry.number)
                best = ranks.get(entry.area_id)
                if best is None or ranked < best[0]:
                    ranks[entry.area_id] = ranked, Hit(entry.area_id, entry.name if entry.former else None)

    def _among(self, words: tuple[str, ...], *, typo: bool) -> Iterator[tuple[_Known, int]]:
        """What lies in the districts that the words may mean, with how well each fits; without words, everything."""
        if not words:
            yield from ((known, 0) for known in self._all)
            return
        for district in self._districts:
            quality = _district_quality("".join(words), district.keys, typo=typo)
            if quality is not None:
                yield from ((known, quality) for known in self._inside[district.entry.area_id] if known is not district)


def near(typed: str, whole: str) -> bool:
    """Whether `typed` begins `whole` but for one letter: wrong, lacking, too many, or two of them swapped."""
    if len(typed) < SHORTEST_TYPO or len(typed) > len(whole) + 1:
        return False
    if typed[0] != whole[0] and typed[0] != whole[1] and typed[1] not in whole[:2]:
        return False  # two letters are wrong
    at = 0
    while at < min(len(typed), len(whole)) and typed[at] == whole[at]:
        at += 1
    rest, other = typed[at:], whole[at:]
    swapped = len(other) > 1 and rest[:2] == other[1::-1] and other[2:].startswith(rest[2:])
    return swapped or other[1:].startswith(rest[1:]) or other[1:].startswith(rest) or other.startswith(rest[1:])


def _district_quality(said: str, keys: tuple[str, ...], *, typo: bool) -> int | None:
    if said in keys:
        return 0
    if any(key.startswith(said) for key in keys):
        return 1
    if any(_abbreviates(said, key) for key in keys):
        return 2
    return 3 if typo and any(near(said, key) for key in keys) else None


def _abbreviates(said: str, key: str) -> bool:
    """ "gbz" for Gebze, "krmrsl" for Karamürsel."""
    if len(said) < 3 or said[0] != key[0] or set(said[1:]) & set("aeiou"):
        return False
    letters = iter(key)
    return all(letter in letters for letter in said)


def _readings(said: tuple[str, ...]) -> Iterator[Reading]:
    """ "gebze yeni" may be all name, or Gebze and "yeni", or "gebze" in a district that begins with "yeni"."""
    yield (), said
    for cut in range(1, len(said) + 1):
        yield said[:cut], said[cut:]
        if cut < len(said):
            yield said[cut:], said[:cut]


def _meanings(text: str) -> list[tuple[str, ...]]:
    """The words typed; and without those that any name may end in: "mah" may also become "Mahmutpaşa"."""
    words = tuple(folded(text[:LONGEST]).split()[:MOST_WORDS])
    meant = tuple(word for word in words if word not in _MEANS_NOTHING)
    return [said for said in dict.fromkeys((words, meant)) if said]


@lru_cache(maxsize=4096)
def _keys(name: str, spoken: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A name and how it is said, glued; and the words of both, without what every neighbourhood is called."""
    keys = dict.fromkeys(key for key in (match_key(name), match_key(spoken)) if key)
    words = dict.fromkeys(word for text in (name, spoken) for word in folded(text).split())
    return tuple(keys), tuple(word for word in words if word not in _MEANS_NOTHING)
