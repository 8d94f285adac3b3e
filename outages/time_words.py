"""Days as operators write them: "yarın", "çarşamba", "25.11", "25 Kasım", "tomorrow", "next monday"."""

import re
import unicodedata
from datetime import date, timedelta

from outages.errors import OutageError
from outages.values import MONTHS

_LIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})
_NEAR = {
    "bugun": 0, "today": 0, "bu gece": 0, "bu aksam": 0, "tonight": 0, "yarin": 1, "tomorrow": 1, "dun": -1,
    "yesterday": -1, "obur gun": 2, "day after tomorrow": 2,
}  # fmt: skip
_WEEKDAYS = (
    "pazartesi pzt pts monday mon", "sali sal tuesday tue", "carsamba car crs wednesday wed",
    "persembe per prs thursday thu", "cuma cum friday fri", "cumartesi cmt cts saturday sat", "pazar paz sunday sun",
)  # fmt: skip
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {name: number for names in (_ENGLISH, MONTHS) for number, name in enumerate(names, 1)}
_THIS, _NEXT = ("bu ", "this "), ("haftaya ", "gelecek ", "onumuzdeki ", "next ")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{2}|\d{4}))?\.?")
_WORDED = re.compile(r"(\d{1,2})\.?(?:st|nd|rd|th)? ([a-z]{3,9})(?:,? (\d{4}))?")


class UnclearTime(OutageError):
    """Nothing was understood; the sentence says what to write."""

    code = "unclear_time"

    def __init__(self, turkish: str, english: str) -> None:
        super().__init__(english, turkish=turkish)


def plain(text: str) -> str:
    """Small Latin letters with the signs that times are written with."""
    small = unicodedata.normalize("NFKD", text.translate(_LIKE).replace("İ", "i").lower()).replace("ı", "i")
    return " ".join("".join(letter for letter in small if not unicodedata.combining(letter)).split())


def has_weekday(words: str) -> bool:
    return _weekday(words) is not None


def day_of(words: str, today: date) -> date:
    """The day that the words mean, `today` being the day from which they count. Raises UnclearTime."""
    if words in _NEAR:
        return today + timedelta(days=_NEAR[words])
    weekday = _weekday(words)
    if weekday is not None:
        if words.startswith(_NEXT):
            return today + timedelta(days=7 - today.weekday() + weekday)
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if found := _DOTTED.fullmatch(words):
        return _date(words, int(found[1]), int(found[2]), found[3], today)
    if (found := _WORDED.fullmatch(words)) and found[2][:3] in _MONTH:
        return _date(words, int(found[1]), _MONTH[found[2][:3]], found[3], today)
    raise UnclearTime(
        f"“{words[:40]}” bir gün değil; “bugün”, “yarın”, “çarşamba” ya da “25.11” yazın.",
        f"“{words[:40]}” is no day; write “today”, “tomorrow”, “wednesday” or “25.11”.",
    )


def _weekday(words: str) -> int | None:
    for prefix in (*_THIS, *_NEXT):
        words = words.removeprefix(prefix)
    return _WEEKDAY.get(words.removesuffix(" gunu"))


def _date(words: str, day: int, month: int, year: str | None, today: date) -> date:
    """Without a year the one nearest to today is meant: in December, 05.01 is next January."""
    years = [int(year) % 100 + 2000] if year else [today.year, today.year + 1, today.year - 1]
    found = []
    for each in years:
        try:
            found.append(date(each, month, day))
        except ValueError:
            continue
    if not found or (year and len(year) == 4 and int(year) // 100 != 20):
        raise UnclearTime(
            f"“{words[:40]}” takvimde yok; “25.11” gibi yazın.",
            f"“{words[:40]}” is no date of the calendar; write it as “25.11”.",
        )
    return min(found, key=lambda one: abs((one - today).days))
