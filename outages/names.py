"""Names of areas as people write and say them, whatever a register or a spreadsheet made of them."""

import re
import unicodedata

from outages.keys import folded, keypad, search_key
from prompts.grammar import grammar
from prompts.turkish_words import ORDINAL, capitalise, lower, number, suffixed

LONGEST = 120
"""Characters of a name."""
_SAID_BARE = ("yeni", "yukarı", "aşağı", "orta", "eski", "büyük", "küçük")
"""Adjectives make "Yeni Mahalle"; every other name makes "Barış Mahallesi"."""

_APOSTROPHES = str.maketrans("’‘`´ʼ", "'''''")
_NEIGHBOURHOOD = re.compile(r"(?:[ (](?:mahallesi|mahalle|mah|mh|ilçesi)\b\.?\)?)+$", re.IGNORECASE)
_ZONE = re.compile(
    r"\b(?:organize\s+san(?:ayi|\.)?\s+b[öo]lges[iı]|org\.?\s*san\.?\s*b[öo]l\.?|o\.?s\.?b\.?)(?!\w)", re.I
)
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=\d)|(?<=\d)(?=[^\W\d_]{3})|(?<=\.)(?=[^\W_])")
_WORD = re.compile(r"[^\W_][\w']*")
_SMALL = {"i", "ı", "ü", "u", "ve", "ile"}
_ORDINAL = re.compile(r"(?<![\d-])(\d{1,9})\. ?(?=[^\W\d_])")


def tidy(name: str) -> str:
    """A name for the board: "7eylül MAH." becomes "7 Eylül", "Hacı Ilyas" "Hacı İlyas", "Yeni" "Yeni Mahalle".

    Both of Turkish case's traps are undone: names in capitals, and a capital I where the vowels ask for İ.
    """
    text = " ".join(unicodedata.normalize("NFC", name).translate(_APOSTROPHES).split()).strip(" .,;")
    text = _ZONE.sub("OSB", _NEIGHBOURHOOD.sub("", text))
    shouted = text == text.upper() and any(character.isalpha() for character in text)
    text = " ".join(_GLUED.sub(" ", text).split())
    text = _WORD.sub(lambda found: _cased(found, shouted), text)
    return f"{text} Mahalle" if search_key(text).split(" ")[-1:] in [[word] for word in _SAID_BARE] else text


def spoken_district(name: str) -> str:
    return grammar("tr").spoken(name)


def spoken_neighbourhood(name: str) -> str:
    """ "On yedi Ağustos Mahallesi", "Yeni Mahalle", "Avcı Köyü": words only."""
    said = _in_words(name)
    kept = re.search(r"\b(Mahalle|Mahallesi|Köyü|Mevkii|Beldesi)$", said)
    return said if kept else f"{said} Mahallesi"


def spoken_zone(name: str) -> str:
    return _in_words(name.replace("OSB", "Organize Sanayi Bölgesi"))


def spoken_keys(spoken: str) -> str:
    """The keys for what callers hear, so that they may key what was just said."""
    return keypad(re.sub(r" Mahalle(si)?$", "", spoken))


def match_key(name: str) -> str:
    """Equal for all writings of one name: "Yeni Mh.", "YENİ MAHALLE", "Abdi Ipekci" and "Abdi İpekçi"."""
    text = _ZONE.sub("osb", " ".join(unicodedata.normalize("NFC", name[:LONGEST]).split()))
    return folded(_NEIGHBOURHOOD.sub("", text)).replace(" ", "")


def _cased(found: re.Match[str], shouted: bool) -> str:
    word, first = found[0], found.start() == 0
    if word == "OSB" or (not shouted and len(word) > 1 and word == word.upper()):
        return word
    if shouted:
        word = lower(word)
    if not first and word[0] == "I":
        word = _dotted(word)
    if not first and word in _SMALL:
        return word
    return capitalise(word)


def _dotted(word: str) -> str:
    """Registers write "Ilyas" for "İlyas"; only words of the ı-kind ("Işıklar", "Irmak") keep their bare I."""
    vowels = [letter for letter in lower(word)[1:] if letter in "aeıioöuü"]
    bare = vowels[:1] == ["ı"] or lower(word).startswith(("ırmak", "ısparta"))
    return word if bare else f"İ{word[1:]}"


def _in_words(name: str) -> str:
    ordinals = _ORDINAL.sub(lambda found: suffixed(number(int(found[1])), ORDINAL) + " ", name)
    said = grammar("tr").spoken(ordinals).rstrip(".")
    return capitalise(said)
