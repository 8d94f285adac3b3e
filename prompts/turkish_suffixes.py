"""A suffix as someone typed it after figures ("16:00'ya", right or wrong) put right on the spoken words."""

from prompts.turkish_words import ORDINAL, lower, suffixed

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
    typed = lower(typed)
    suffix = _TYPED.get(typed.translate(_FOLDED))
    return suffixed(words, suffix, possessed=possessed, mark=mark) if suffix else f"{words} {typed}"


def is_suffix(typed: str) -> bool:
    return lower(typed).translate(_FOLDED) in _TYPED
