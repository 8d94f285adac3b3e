"""Characters of free text, before and after the grammar of a language has worked on it."""

import re
import unicodedata
from collections.abc import Callable, Mapping

_LIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})
_SILENT = dict.fromkeys('*#_~^|<>[]{}"“”«»•\\Ø', " ")


def plain(text: str) -> str:
    """One kind of apostrophe, dash, blank and digit."""
    text = unicodedata.normalize("NFC", text).translate(_LIKE)
    text = "".join(character for character in text if character.isprintable() or character.isspace())
    return "".join(str(unicodedata.decimal(character, character)) for character in " ".join(text.split()))


def sounded(text: str, signs: Mapping[str, str], number: Callable[[int], str]) -> str:
    """Signs and leftover figures (superscript, Roman, fractions) as words, then blanks and punctuation in order."""
    signs = _SILENT | dict(signs)
    text = "".join(_sounded(character, signs, number) for character in text)
    text = re.sub(r"\s-\s", ", ", " ".join(text.split()))
    text = re.sub(r"(?<=\w)-(?=\W|$)|(?<!\w)-", " ", text)
    text = re.sub(r"\s+([.,;:!?)])", r"\1", " ".join(text.split())).replace("( ", "(")
    text = re.sub(r"([,;:!?)])(?=\w)", r"\1 ", text)
    return re.sub(r"[,;:] ?(?=[.,;:!?])", "", text)


def _sounded(character: str, signs: Mapping[str, str], number: Callable[[int], str]) -> str:
    if character in signs or not character.isnumeric():
        return signs.get(character, character)
    value = unicodedata.numeric(character)
    return f" {number(int(value))} " if value.is_integer() else " "
