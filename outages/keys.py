"""Keys under which names are found: as typed, as typed without Turkish letters, and as pressed on a telephone."""

import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"))
_LARGE_I = str.maketrans({"İ": "i", "I": "ı", "\u0307": None})
_FOLDS = str.maketrans({"ı": "i", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l"})
_KEYS = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
_KEYPAD = {letter: str(key) for key, letters in enumerate(_KEYS, start=2) for letter in letters}
_ALPHABET = {letter: rank for rank, letter in enumerate(" 0123456789aâbcçdefgğhıiîjklmnoöpqrsştuûüvwxyz")}


def search_key(text: str) -> str:
    """Turkish small letters and digits, single blanks: "Abdi İPEKÇİ Mah." becomes "abdi ipekçi mah"."""
    small = unicodedata.normalize("NFC", text).translate(_LARGE_I).lower()
    bare = unicodedata.normalize("NFC", small.translate(_LARGE_I)).translate(_APOSTROPHES)
    return " ".join("".join(character if character.isalnum() else " " for character in bare).split())


def folded(text: str) -> str:
    """The search key in plain Latin letters, so that "goztepe" finds "Göztepe"."""
    parts = unicodedata.normalize("NFKD", search_key(text).translate(_FOLDS))
    return "".join(part for part in parts if part in _KEYPAD or part.isdecimal() or part == " ")


def keypad(text: str) -> str:
    """The keys that a caller presses for a name: letters on their Latin keys, digits as they are."""
    return "".join(_KEYPAD.get(c) or (str(unicodedata.decimal(c)) if c.isdecimal() else "") for c in folded(text))


def sort_key(text: str) -> tuple[int, ...]:
    """Turkish alphabetical order, numbers first: Cuma, Çarşı, … Iğdır, İzmit."""
    return tuple(_ALPHABET.get(character, len(_ALPHABET)) for character in search_key(text))
