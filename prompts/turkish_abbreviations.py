"""Abbreviations, acronyms and web addresses of Turkish notices, written out."""

import re

from prompts.turkish_suffixes import attach
from prompts.turkish_words import folded, lower

# Named streets carry the possessive ("Lale Sokağı"), numbered ones do not ("dördüncü Sokak").
_STREETS = {
    "mah": ("Mahallesi", "Mahalle"), "mh": ("Mahallesi", "Mahalle"), "cad": ("Caddesi", "Cadde"),
    "cd": ("Caddesi", "Cadde"), "sok": ("Sokağı", "Sokak"), "sk": ("Sokağı", "Sokak"), "blv": ("Bulvarı", "Bulvar"),
    "bulv": ("Bulvarı", "Bulvar"), "bul": ("Bulvarı", "Bulvar"), "apt": ("Apartmanı", "Apartman"),
    "sit": ("Sitesi", "Site"), "böl": ("Bölgesi", "Bölge"),
}  # fmt: skip
_DOTTED = {
    "vb": "ve benzeri", "vs": "vesaire", "vd": "ve diğerleri", "örn": "örneğin", "bkz": "bakınız", "yak": "yaklaşık",
    "mrk": "Merkez", "bl": "Blok", "san": "Sanayi", "mevk": "mevkii", "hast": "Hastanesi", "dr": "Doktor",
    "prof": "Profesör", "doç": "Doçent", "av": "Avukat", "şht": "Şehit", "şh": "Şehit", "org": "Orgeneral",
    "gen": "General", "alb": "Albay", "yzb": "Yüzbaşı", "bnb": "Binbaşı", "hz": "Hazreti", "md": "Müdürlüğü",
    "müd": "Müdürlüğü", "bşk": "Başkanlığı", "şti": "şirketi", "ltd": "limitet", "tel": "telefon", "dk": "dakika",
    "sn": "Sayın",
}  # fmt: skip
_WORDS = {
    "A.Ş.": "anonim şirketi", "T.C.": "te ce", "Org. San.": "Organize Sanayi", "OSB": "o se be", "AVM": "a ve me",
    "ASM": "a se me", "KOSGEB": "Kosgeb",
}  # fmt: skip
_LETTERS = {
    "a": "a", "b": "be", "c": "ce", "ç": "çe", "d": "de", "e": "e", "f": "fe", "g": "ge", "ğ": "yumuşak ge", "h": "he",
    "ı": "ı", "i": "i", "j": "je", "k": "ka", "l": "le", "m": "me", "n": "ne", "o": "o", "ö": "ö", "p": "pe", "q": "kü",
    "r": "re", "s": "se", "ş": "şe", "t": "te", "u": "u", "ü": "ü", "v": "ve", "w": "çift ve", "x": "iks", "y": "ye",
    "z": "ze",
}  # fmt: skip

_STREET = re.compile(
    r"(?<!\w)(mah|mh|cad|cd|sk|blv|bulv|apt|Sok|SOK|Bul|Sit|Böl)(\.|(?!\w))(?:\s?'([^\W\d_]+))?",
    re.I,
)
_SAFE_WITH_A_CAPITAL_ONLY = {"sok", "bul", "sit", "böl"}
_DOTTED_WORD = re.compile(rf"(?<!\w)({'|'.join(_DOTTED)})\.\s?(?=(\w)?)", re.I)
_WHOLE_WORD = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in _WORDS))
_NUMBER_SIGN = re.compile(r"(?<!\w)n[ou]\s?[.:]*\s?(?=\d)", re.I)
_DOOR = re.compile(r"(?<!\w)([DK])\s?:\s?(?=\d)")
_NUMBERED = re.compile(r"(?<!\w)no\.?'?lu(?!\w)", re.I)
_CONSONANTS = "[BCÇDFGĞHJKLMNPQRSŞTVWXYZ]"
_UNPRONOUNCEABLE = re.compile(
    rf"(?<!\w)(?!TL\b)(?:{_CONSONANTS}{{2,5}}|{_CONSONANTS}{{3}}[A-ZÇĞİÖŞÜ]{{1,2}})(?![^\W\d])"
)
_ROAD = re.compile(r"(?<!\w)([A-ZÇĞİÖŞÜ])[-.]?(?=\d)")
_WEB = re.compile(
    r"(?<![\w.-])(?:https?://)?(?:www\.)?((?:[\w-]{1,63}\.){1,5}(?:com|org|net|gov|edu|bel|tr)(?:\.tr)?)(?!\w)", re.I
)


def written_out(text: str) -> str:
    text = _WEB.sub(_web, text)
    text = _WHOLE_WORD.sub(lambda found: _WORDS[found[0]], text)
    text = _STREET.sub(_street, text)
    text = _DOTTED_WORD.sub(lambda found: _DOTTED[folded(found[1])] + (" " if found[2] else ""), text)
    text = _NUMBERED.sub("numaralı", text)
    text = _NUMBER_SIGN.sub("numara ", text)
    text = _DOOR.sub(lambda found: {"D": "daire ", "K": "kat "}[found[1]], text)
    text = _UNPRONOUNCEABLE.sub(lambda found: spelt(found[0]), text)
    return _ROAD.sub(lambda found: spelt(found[1]) + " ", text)


def spelt(letters: str) -> str:
    return " ".join(_LETTERS[letter] for letter in lower(letters))


def _web(found: re.Match[str]) -> str:
    parts = found[1].lower().split(".")
    return " nokta ".join([*parts[:-1], spelt("tr") if parts[-1] == "tr" else parts[-1]])


def _street(found: re.Match[str]) -> str:
    short = folded(found[1])
    if short in _SAFE_WITH_A_CAPITAL_ONLY and found[1][0].islower():
        return found[0]
    named, plain = _STREETS[short]
    before = found.string[: found.start()].rstrip(" .")
    if not found[2] and not before:
        return found[0]
    bare = not before[-1:].isalpha() or (short in ("mah", "mh") and before.endswith("Yeni"))
    written = plain if bare else named
    if found[3]:
        return attach(written, found[3], possessed=not bare, mark="'")
    return written + ("." if found[2] and found.end() == len(found.string) else "")
