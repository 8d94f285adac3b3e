"""Whether free text may go on air: what callers would hear of it, how long that takes, and what is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from outages.errors import OutageError
from outages.life import OutageFacts
from prompts.grammar import grammar
from prompts.prompt import Language

Level = Literal["error", "warning", "note"]
"""An error keeps the text off the air, a warning is worth another look, a note only tells how it will be spoken."""

TEXT_SECONDS = 20.0
BROADCAST_SECONDS = 30.0
PAGE_SECONDS = 30.0
_CHARACTERS_A_SECOND = 13.0
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+/\S+|\S+@\S+\.\S+", re.I)
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w-]+\.){1,5}(?:com|org|net|gov|edu|bel|tr)(?:\.tr)?(?:/\S*)?(?!\w)", re.I)
_SHORT = re.compile(r"(?<![\w.])([^\W\d_]{2,5})\.(?=\s*([^\W\d_]|\d))")
_HARD = re.compile(r"(?<![\w.])([bcçdfgğhjklmnpqrsştvwxz]{2,5})(?!\w)", re.I)
_IN_TURKISH = {
    "text_tr": "Türkçe metin",
    "text_en": "İngilizce metin",
    "announcement_tr": "Türkçe duyuru",
    "announcement_en": "İngilizce duyuru",
    "tanker_points": "Tanker yerleri",
}
_DIGIT_BEFORE = re.compile(r"\d\s?$")


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    code: str
    message_tr: str
    message_en: str
    at: int = 0
    """The character that it is about, from 0."""

    def message(self, language: str) -> str:
        return self.message_tr if language == "tr" else self.message_en


def spoken(text: str, language: Language = "tr") -> str:
    """The words that callers hear."""
    return grammar(language).spoken(text)


def seconds(text: str, language: Language = "tr") -> float:
    """About how long it takes to say."""
    return len(spoken(text, language)) / _CHARACTERS_A_SECOND


def findings(text: str, language: Language = "tr", most_seconds: float = TEXT_SECONDS) -> list[Finding]:
    """Everything worth telling the author, errors first; a text may go on air when none is an error."""
    if not text.strip():
        return []
    found = [*_faults(text, language, most_seconds), *_doubts(text, language)]
    heard = spoken(text, language)
    if heard != " ".join(text.split()):
        found.append(Finding("note", "spoken_as", f"Söylenişi: {heard}", f"Spoken as: {heard}"))
    return found


def refuse_unspeakable(name: str, text: str | None, language: Language, most_seconds: float = TEXT_SECONDS) -> None:
    """Raises OutageError with the first error's code and sentences."""
    for fault in _faults(text or "", language, most_seconds) if (text or "").strip() else ():
        field = _IN_TURKISH.get(name, "Sokaklar" if name.startswith("streets") else "Metin")
        raise OutageError(f"{name}: {fault.message_en}", fault.code, f"{field}: {fault.message_tr}")


def check_speakable(facts: OutageFacts, before: OutageFacts | None) -> None:
    """Refuse new texts that cannot go on air; those that were there before are left in peace."""
    known = set(_texts(before)) if before else set()
    for name, language, text in _texts(facts):
        if (name, language, text) not in known:
            refuse_unspeakable(name, text, language)


def _texts(facts: OutageFacts) -> Iterator[tuple[str, Language, str]]:
    for name, language, text in (
        ("announcement_tr", "tr", facts.announcement_tr),
        ("announcement_en", "en", facts.announcement_en),
        ("tanker_points", "tr", facts.tanker_points),
        *((f"streets of area {area}", "tr", streets) for area, streets in facts.areas.items()),
    ):
        if text:
            yield name, "en" if language == "en" else "tr", text


def _faults(text: str, language: Language, most_seconds: float) -> Iterator[Finding]:
    bad = next((at for at, c in enumerate(text) if not c.isprintable() and c not in "\n\t\r"), None)
    if bad is not None:
        yield Finding(
            "error",
            "bad_text",
            "Metinde yazılamayan bir karakter var; silip yeniden yazın.",
            "The text holds a character that cannot be written; delete it and type it again.",
            bad,
        )
    for found in _ADDRESS.finditer(text):
        yield Finding(
            "error",
            "web_address",
            f"“{found[0][:40]}” telefonda anlaşılmaz; adresi yazıyla anlatın ya da çıkarın.",
            f"“{found[0][:40]}” cannot be understood on the telephone; describe it in words or leave it out.",
            found.start(),
        )
    heard = spoken(text, language)
    if not any(character.isalpha() for character in heard):
        yield Finding("error", "nothing_to_say", "Bu metinden hiçbir şey duyulmaz.", "Nothing of this can be heard.")
    length = len(heard) / _CHARACTERS_A_SECOND
    if length > most_seconds:
        yield Finding(
            "error",
            "text_too_long",
            f"Söylenmesi yaklaşık {length:.0f} saniye sürer; en çok {most_seconds:.0f} saniyeye kısaltın.",
            f"It takes about {length:.0f} seconds to say; shorten it to {most_seconds:.0f} at most.",
        )


def _doubts(text: str, language: Language) -> Iterator[Finding]:
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 7 and all(c == c.upper() for c in letters):
        yield Finding(
            "warning",
            "all_capitals",
            "Hepsi büyük harf: kısaltmalar ile sözcükler ayırt edilemez; küçük harfle yazın.",
            "All capitals: words cannot be told from abbreviations; write small letters.",
        )
        return
    text = _DOMAIN.sub(lambda address: " " * len(address[0]), text)
    told = set()
    for found in _SHORT.finditer(text):
        if (found[2].islower() or found[2].isdigit()) and _kept(found[1], f"Lale {found[1]}. 5", language):
            told.add(found.start())
            yield _unknown(f"{found[1]}.", found.start())
    for found in _HARD.finditer(text):
        if found.start() in told:
            continue
        before = "5 " if _DIGIT_BEFORE.search(text[: found.start()]) else "Lale "
        dot = "." if text[found.end() : found.end() + 1] == "." else ""
        sentence = f"{before}{found[1]}{dot} 5" if before == "Lale " else f"{before}{found[1]}{dot}"
        if _kept(found[1], sentence, language):
            yield _unknown(found[1], found.start())
        elif found[1].isupper() and _spelt(found[1], language):
            heard = spoken(found[1], language)
            yield Finding(
                "warning",
                "spelt_out",
                f"“{found[1]}” harf harf okunur ({heard}); açık yazın.",
                f"“{found[1]}” is spelt out ({heard}); write it in full.",
                found.start(),
            )


def _kept(short: str, sentence: str, language: Language) -> bool:
    """Whether the grammar left it as it stands, for the engine to guess at."""
    return re.search(rf"(?<!\w){re.escape(short)}(?!\w)", spoken(sentence, language), re.I) is not None


def _spelt(short: str, language: Language) -> bool:
    """Letter by letter: as many words of at most four letters as it has letters."""
    heard = spoken(short, language).rstrip(".").split()
    return len(heard) == len(short) and all(len(word) <= 4 for word in heard)


def _unknown(short: str, at: int) -> Finding:
    return Finding(
        "warning",
        "unknown_abbreviation",
        f"“{short}” kısaltması bilinmiyor; açık yazın.",
        f"The abbreviation “{short}” is not known; write it in full.",
        at,
    )
