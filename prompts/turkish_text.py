"""Free Turkish text, as operators type it, into words that an engine cannot misread."""

import re
from functools import lru_cache

from prompts.characters import plain, sounded
from prompts.turkish_abbreviations import written_out
from prompts.turkish_figures import words
from prompts.turkish_words import capitalise, lower, number

_SIGNS = {
    "&": " ve ", "+": " artı ", "=": " eşittir ", "%": " yüzde ", "@": " et ", "/": ", ", "-": " ",
    "½": " yarım ", "¼": " çeyrek ",
}  # fmt: skip
# An engine reads "ILICA" with a dotted i; words of up to three letters may be acronyms.
_SHOUTED = re.compile(r"(?<!\w)(?=\w*[AEIİOÖUÜ])(?![^AEIİOÖUÜ]{3}\w{1,2}\b)[A-ZÇĞİÖŞÜ]{4,}(?!\w)")


@lru_cache(maxsize=1024)
def spoken(text: str) -> str:
    text = _SHOUTED.sub(lambda word: capitalise(lower(word[0])), plain(text))
    text = words(written_out(text))
    return sounded(re.sub(r"\s-\s", ", ", text), _SIGNS, number)
