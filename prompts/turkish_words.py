"""Turkish at the level of the word: letter case, vowel harmony, suffixes, numbers and the clock."""

import re
from functools import lru_cache
from typing import Literal

Case = Literal["bare", "dative", "ablative", "locative", "accusative", "genitive"]

_ONES = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_TENS = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")

_VOWELS = "aeıioöuü"
_VOICELESS = "fstkçşhp"
_HIGH = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_FRONTED = {"a": "e", "o": "ö", "u": "ü"}
_PLAIN = str.maketrans("âîû", "aiu")
_SOFTENED = {"dört": "dörd", "buçuk": "buçuğ"}
_FRONT_IN_SPITE_OF_SPELLING = re.compile(r"(saat|[kc]emal|celal|hilal|bilal|ikbal|iclal|istiklal|istikbal|meşgul)$")

# A and I follow vowel harmony, D hardens after a voiceless consonant, (y) stands after a vowel only, [I] after a
# consonant only.
_CASES: dict[Case, str] = {
    "bare": "",
    "dative": "(y)A",
    "ablative": "DAn",
    "locative": "DA",
    "accusative": "(y)I",
    "genitive": "(n)In",
}
ORDINAL = "[I]ncI"
_OPENS_A_CASE = re.compile(r"^(\([yn]\))?(?=A$|I$|In$|DA)")

MONTHS = (
    "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
)  # fmt: skip
WEEKDAYS = ("Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar")


def lower(text: str) -> str:
    """Small letters the Turkish way; the usual `lower()` would make "ISITMA" into "isitma"."""
    return text.replace("İ", "i").replace("I", "ı").lower()


def upper(text: str) -> str:
    return text.replace("i", "İ").replace("ı", "I").upper()


def capitalise(text: str) -> str:
    """First letter large, the others as they are: "izmit" becomes "İzmit"."""
    return upper(text[:1]) + text[1:]


def folded(text: str) -> str:
    """The key under which text is looked up that a case-blind pattern found: dotted and dotless i are one."""
    return text.casefold().replace("\u0307", "").replace("ı", "i")


@lru_cache(4096)  # every call asks for the same names and hours
def suffixed(words: str, suffix: str, *, possessed: bool = False, mark: str = "") -> str:
    """`words` with a suffix in the notation of grammars ("DA", "(y)I"), after `mark` (an apostrophe for names).

    Possessive compounds ("gece yarısı") take their -n- before a case.
    """
    heard = lower(words).translate(_PLAIN)
    suffix = _OPENS_A_CASE.sub("n", suffix) if possessed else suffix
    hidden = r"\[\w\]|[()]" if heard[-1] in _VOWELS else r"\(\w\)|[\[\]]"
    suffix = re.sub(hidden, "", suffix)
    if not mark and suffix[:1] in ("A", "I"):
        words = _softened(words)
    vowel = next((letter for letter in reversed(heard) if letter in _VOWELS), "e")
    if _FRONT_IN_SPITE_OF_SPELLING.search(heard):
        vowel = _FRONTED.get(vowel, vowel)
    sounds = heard[-1]
    for letter in suffix:
        sounds += _sound(letter, vowel, sounds[-1])
        vowel = sounds[-1] if sounds[-1] in _VOWELS else vowel
    return f"{words}{mark}{sounds[1:]}"


def _sound(letter: str, vowel: str, before: str) -> str:
    match letter:
        case "A":
            return "e" if vowel in "eiöü" else "a"
        case "I":
            return _HIGH[vowel]
        case "D":
            return "t" if before in _VOICELESS else "d"
    return letter


def inflect(words: str, case: Case, *, possessed: bool = False, mark: str = "") -> str:
    """The case suffix on the last word."""
    return words if case == "bare" else suffixed(words, _CASES[case], possessed=possessed, mark=mark)


def number(value: int) -> str:
    """Cardinal of a whole number; a thousand is never "bir bin"."""
    if value < 0:
        return "eksi " + number(-value)
    if value < 10:
        return _ONES[value]
    parts: list[str] = []
    for size, word in ((10**12, "trilyon"), (10**9, "milyar"), (10**6, "milyon"), (1000, "bin"), (100, "yüz")):
        count, value = divmod(value, size)
        if count:
            parts += [word] if count == 1 and size <= 1000 else [number(count), word]
    tens, ones = divmod(value, 10)
    if tens:
        parts.append(_TENS[tens])
    if ones:
        parts.append(_ONES[ones])
    return " ".join(parts)


def ordinal(value: int) -> str:
    return suffixed(number(value), ORDINAL)


def numeral(digits: str) -> str:
    """A group of digits as it is read out: leading zeros one by one, the rest as a number."""
    rest = digits.lstrip("0")
    return " ".join(["sıfır"] * (len(digits) - len(rest)) + ([number(int(rest))] if rest else []))


def clock(hour: int, minute: int = 0, case: Case = "bare") -> str:
    """A time of day as spoken: 0:00 is midnight, a half hour "buçuk", a lone digit keeps its zero."""
    if hour % 24 == 0 and minute == 0:
        return inflect("gece yarısı", case, possessed=True)
    if minute == 30 and hour:
        return inflect(f"{number(hour)} buçuk", case)
    spoken = number(hour) if hour else "sıfır sıfır"
    if minute:
        spoken += " " + numeral(f"{minute:02}")
    return inflect(spoken, case)


def _softened(words: str) -> str:
    stem, space, last = words.rpartition(" ")
    return stem + space + _SOFTENED.get(last, last)
