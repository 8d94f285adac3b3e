"""Turkish speech grammar: digits and dates become the words that a speaker of Turkish would say."""

from typing import Literal

Case = Literal["bare", "dative", "ablative", "locative"]

_ONES = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_TENS = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")
_VOICELESS = set("fstkçşhp")
_BACK = set("aıou")
_VOWELS = set("aeıioöuü")
_SOFTENED = {"dört": "dörd", "buçuk": "buçuğ"}


def number(value: int) -> str:
    """Cardinal of a whole number below a million million; a thousand is never "bir bin"."""
    if value < 0:
        return "eksi " + number(-value)
    if value < 10:
        return _ONES[value]
    parts: list[str] = []
    for size, word in ((10**9, "milyar"), (10**6, "milyon"), (1000, "bin"), (100, "yüz")):
        count, value = divmod(value, size)
        if count:
            parts += [word] if count == 1 and size <= 1000 else [number(count), word]
    tens, ones = divmod(value, 10)
    if tens:
        parts.append(_TENS[tens])
    if ones:
        parts.append(_ONES[ones])
    return " ".join(parts)


def inflect(word: str, case: Case) -> str:
    """Put the case suffix on the last word, by vowel harmony and consonant assimilation."""
    if case == "bare":
        return word
    vowel = next(letter for letter in reversed(word) if letter in _VOWELS)
    harmony = "a" if vowel in _BACK else "e"
    if case == "dative":
        stem, _, last = word.rpartition(" ")
        last = _SOFTENED.get(last, last)
        glue = "y" if last[-1] in _VOWELS else ""
        return f"{stem} {last}{glue}{harmony}".strip()
    consonant = "t" if word[-1] in _VOICELESS else "d"
    return f"{word}{consonant}{harmony}" + ("n" if case == "ablative" else "")


def clock(hour: int, minute: int = 0, case: Case = "bare") -> str:
    """A time of day as spoken; 0:00 is "gece yarısı", a half hour "buçuk" (but 0:30 is read digit by digit)."""
    if (hour, minute) == (0, 0):
        return {
            "bare": "gece yarısı",
            "dative": "gece yarısına",
            "ablative": "gece yarısından",
            "locative": "gece yarısında",
        }[case]
    if minute == 30 and hour != 0:
        return inflect(f"{number(hour)} buçuk", case)
    spoken = number(hour)
    if minute:
        spoken += " " + (f"sıfır {number(minute)}" if minute < 10 else number(minute))
    return inflect(spoken, case)
