"""Dates and hours in free Turkish text into words."""

import re
from collections.abc import Callable
from datetime import date

from prompts.turkish_suffixes import SUFFIX, attach, is_suffix, with_suffix
from prompts.turkish_words import MONTHS, WEEKDAYS, clock, number

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_WEEKDAY = "|".join(WEEKDAYS)
_MONTH = "|".join(MONTHS)
_DATE = r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)(?!\d)"
_TIME = r"(?<!\d)(?<!\d[.,:/])([01]?\d|2[0-4])[:.]([0-5]\d)(?::[0-5]\d)?(?!\d|[:.,/]\d)"
_BETWEEN = r"(?:(\s+saatlerinde)|(?=(\s+(?:saatleri\s+)?ara\w*)?))"


def _date(found: re.Match[str]) -> str:
    parts = found["iso"].split("-")[::-1] if found["iso"] else re.split(r"[./-]", found["day"])
    year = int(parts[2]) + (2000 if len(parts[2]) == 2 else 0)
    try:
        day = date(year, int(parts[1]), int(parts[0]))
    except ValueError:
        return found[0]
    spoken = f"{number(day.day)} {MONTHS[day.month - 1]}"
    if found["weekday"]:
        spoken += " " + found["weekday"]
    elif found["time"] is None:
        spoken += " " + number(year)
    if found["time"] is not None:
        return spoken + " günü saat "
    return attach(spoken, found["suffix"]) if found["suffix"] else spoken


def _short_date(found: re.Match[str]) -> str:
    day, month = int(found[1]), int(found[2])
    return f"{number(day)} {MONTHS[month - 1]} " if 1 <= day <= 31 and 1 <= month <= 12 else found[0]


def _time_range(found: re.Match[str]) -> str:
    first, last = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    if found[5] and is_suffix(found[5]):
        until = clock(*last)
        return f"{clock(*first, 'ablative')} {attach(until, found[5], possessed=until.endswith('yarısı'))}"
    after = " saatleri arasında" if found[6] else "" if found[7] else " arası"
    return f"{clock(*first)} ile {clock(*last)}{after}"


DATES: tuple[Rule, ...] = (
    (re.compile(rf"(?<=\d)\s?-\s?(?={_DATE}[^.,;]{{0,20}}\bara)"), " ile "),
    (
        re.compile(
            r"(?<![\d.,])(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<day>\d{1,2}([./-])\d{1,2}\3(?:\d{4}|\d\d)))(?:T(?=\d)|(?!\d))"
            rf"(?:'(?P<suffix>[^\W\d_]+))?(?:\s*,?\s*(?P<weekday>{_WEEKDAY})\b)?"
            rf"(?P<time>(?:\s+günü)?\s*[,-]?\s*(?:saat)?\s*(?={_TIME}))?",
            re.I,
        ),
        _date,
    ),
    (re.compile(rf"(?<![\d.,])(\d\d?)[./](\d\d?)\s+(?=(?:{_WEEKDAY}|tarih))", re.I), _short_date),
    (re.compile(rf"(?<=\d)\.(?={_MONTH})", re.I), " "),
    (re.compile(rf"({_MONTH})\.(?=\d)", re.I), r"\1 "),
    (re.compile(rf"\b({_WEEKDAY})\s?-\s?({_WEEKDAY})\b(?:\s+(?:günleri|arası)\b)?", re.I), r"\1 ile \2 arası"),
    (re.compile(rf"\b({_WEEKDAY})(?:\s+günü)?,?\s+(?:saat\s+)?(?={_TIME})", re.I), r"\1 günü saat "),
    (re.compile(rf"\b(bugün|yarın|dün|bu gece|bu sabah|bu akşam),?\s+(?={_TIME})", re.I), r"\1 saat "),
    (re.compile(rf"{_TIME}\s?-\s?{_TIME}(?:'([^\W\d_]+))?{_BETWEEN}", re.I), _time_range),
)

# After amounts with a unit, because "12.30" may be money.
HOURS: tuple[Rule, ...] = (
    (re.compile(_TIME + SUFFIX), lambda found: with_suffix(clock(int(found[1]), int(found[2])), found)),
    (re.compile(r"\bsaat (?=gece yarısı)", re.I), ""),
    (re.compile(r"(?<![\d.,])(\d\d?)\.(0[1-9]|1[0-2])(?![\d.,/])\s?"), _short_date),
)
