"""A suffix as someone typed it after figures ("16:00'ya", right or wrong) put right on the spoken words."""

import re

from prompts.turkish_words import ORDINAL, lower, suffixed

# Three ways to type one: 'ye (anything may follow the apostrophe), lik as in 5lik, and "17 ye", "2 nci" with a blank.
SUFFIX = r"(?:\s?'([^\W\d_]+)|([^\W\d_]{1,4})\b|\s([yn][ae]|[dt][ae]n|[ıiuü]?nc[ıiuü])\b)?"

_FOLDED = str.maketrans("aeıiuütdâî", "AAIIIIDDAI")

# By what is left when vowels and t/d are folded; "DAki" because -ki keeps its vowel.
_TYPED = {
    "A": "(y)A", "yA": "(y)A", "nA": "(y)A",
    "DAn": "DAn", "nDAn": "DAn",
    "DA": "DA", "nDA": "DA",
    "DAkI": "DAki", "nDAkI": "DAki",
    "I": "(y)I", "yI": "(y)I", "nI": "(y)I", "sI": "(s)I",
    "In": "(n)In", "nIn": "(n)In",
    "IncI": ORDINAL, "ncI": ORDINAL,
    "lIk": "lIk", "lI": "lI", "lIsI": "lIsI", "lAr": "lAr",
    "Ar": "(ş)Ar", "şAr": "(ş)Ar",
    "lA": "(y)lA", "ylA": "(y)lA", "DIr": "DIr", "DI": "(y)DI", "yDI": "(y)DI", "sA": "(y)sA", "ysA": "(y)sA",
}  # fmt: skip


def attach(words: str, typed: str, *, possessed: bool = False, mark: str = "") -> str:
    """`words` with the suffix that `typed` was meant to be; one that is no suffix stays a word of its own."""
    suffix = _TYPED.get(lower(typed).translate(_FOLDED))
    return suffixed(words, suffix, possessed=possessed, mark=mark) if suffix else f"{words} {lower(typed)}"


def is_suffix(typed: str) -> bool:
    return lower(typed).translate(_FOLDED) in _TYPED


def with_suffix(spoken: str, found: re.Match[str]) -> str:
    """`spoken` with what `SUFFIX`, the last part of a pattern, has found."""
    marked, bare, apart = found.groups()[-3:]
    if bare and not (len(bare) > 1 and bare.islower() and is_suffix(bare)):
        return f"{spoken} {bare}"
    typed = marked or bare or apart
    return attach(spoken, typed, possessed=spoken.endswith("yarısı")) if typed else spoken
