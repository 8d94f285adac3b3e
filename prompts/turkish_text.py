"""Free Turkish text, as operators type it, into words that an engine cannot misread."""

import re
import unicodedata

from prompts.turkish_abbreviations import written_out
from prompts.turkish_figures import words
from prompts.turkish_words import capitalise, lower, number

_LIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})
_SIGNS = {"&": " ve ", "+": " artı ", "=": " eşittir ", "%": " yüzde ", "@": " et ", "/": ", "} | dict.fromkeys(
    '*#_~^|<>[]{}"“”«»•\\Ø', " "
)
_SHOUTED = re.compile(r"(?<!\w)(?=\w*[AEIİOÖUÜ])[A-ZÇĞİÖŞÜ]{4,}(?!\w)")


def spoken(text: str) -> str:
    text = _plain(text)
    text = _SHOUTED.sub(lambda word: capitalise(lower(word[0])), text)
    text = words(written_out(text))
    return _tidy("".join(_SIGNS.get(character) or _worded(character) for character in text))


def _plain(text: str) -> str:
    """One kind of apostrophe, dash, blank and digit."""
    text = unicodedata.normalize("NFC", text).translate(_LIKE)
    return "".join(str(unicodedata.decimal(character, character)) for character in " ".join(text.split()))


def _worded(character: str) -> str:
    """What no rule knew: Roman, superscript and fraction figures."""
    if character.isnumeric():
        value = unicodedata.numeric(character)
        return f" {number(int(value))} " if value.is_integer() else " buçuk "
    return character


def _tidy(text: str) -> str:
    text = re.sub(r"\s-\s", ", ", " ".join(text.split())).replace("-", " ")
    text = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split()))
    return re.sub(r"[,;:] ?(?=[.,;:!?])", "", text)
