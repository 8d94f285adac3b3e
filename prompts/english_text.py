"""Free English text, as operators type it, into words."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from prompts.characters import plain, sounded
from prompts.digits import groups, ticket_groups
from prompts.english_words import MONTHS, WEEKDAYS, clock, day_and_month, number, ordinal, plural

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_UNITS = {
    "m³": "cubic metre", "m3": "cubic metre", "m²": "square metre", "m2": "square metre", "km": "kilometre",
    "cm": "centimetre", "mm": "millimetre", "m": "metre", "l": "litre", "kg": "kilogram", "min": "minute",
    "h": "hour", "hrs": "hour", "hr": "hour",
}  # fmt: skip
_ABBREVIATIONS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "and so on", "approx.": "approximately", "St.": "Street",
    "Ave.": "Avenue", "Rd.": "Road", "Blvd.": "Boulevard", "Dr.": "Doctor", "vs.": "versus", "OSB": "industrial zone",
}  # fmt: skip
_SIGNS = {"&": " and ", "+": " plus ", "=": " equals ", "%": " per cent ", "@": " at ", "/": ", ", "½": " a half "}

_TWO_STOPS = re.compile(r"(?<=\b[ap])(\.m\.)\.+")
"""The stop of "p.m." ends the sentence too."""

_WEEKDAY = "|".join(WEEKDAYS)
_MONTH = "|".join(MONTHS)
_AMOUNT = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_TIME = r"(?<![\d.,:/])([01]?\d|2[0-4])[:.]([0-5]\d)(?::[0-5]\d)?(?:\s?([ap])\.?m\b\.?)?(?![\d:]|[.,/]\d)"


def grouped(digits: str) -> str:
    """ "05321234567" becomes "zero five three two, one two three, four five, six seven"."""
    return ", ".join(one_by_one(group) for group in groups(digits))


def one_by_one(digits: str) -> str:
    return " ".join(number(int(digit)) for digit in digits)


def ticket(number: str) -> str:
    return ", ".join(one_by_one(group) for group in ticket_groups(number))


@lru_cache(maxsize=1024)
def spoken(text: str) -> str:
    text = plain(text)
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return _TWO_STOPS.sub(r"\1", sounded(text, _SIGNS, number))


def amount(figure: str) -> str:
    whole, _, fraction = figure.replace(",", "").partition(".")
    if whole.startswith("0") and len(whole) > 1:
        spoken = one_by_one(whole)
    elif len(whole) < 7 or (whole.endswith("000") and len(whole) < 16):
        spoken = number(int(whole))
    else:
        spoken = grouped(whole)
    return f"{spoken} point {one_by_one(fraction)}" if fraction else spoken


def _clock(hour: str, minute: str, half: str | None) -> str:
    """Twelve-hour figures where a.m. or p.m. stands beside them."""
    hours = int(hour)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    return clock(hours, int(minute))


def _date(found: re.Match[str]) -> str:
    parts = found["iso"].split("-")[::-1] if found["iso"] else re.split(r"[./-]", found["day"])
    try:
        day = date(int(parts[2]) + (2000 if len(parts[2]) == 2 else 0), int(parts[1]), int(parts[0]))
    except ValueError:
        return found[0]
    spoken = day_and_month(day)
    if found["weekday"]:
        spoken = f"{found['weekday']}, {spoken}"
    elif found["time"] is None:
        spoken += f" {year(day.year)}"
    return spoken if found["time"] is None else f"{spoken} at "


def year(value: int) -> str:
    """ "twenty twenty-six", but "two thousand and five"."""
    century, rest = divmod(value, 100)
    if value % 1000 < 10 or not 10 <= century <= 99:
        return number(value)
    return f"{number(century)} {number(rest) if rest > 9 else f'oh {number(rest)}' if rest else 'hundred'}"


def _measure(found: re.Match[str]) -> str:
    unit = _UNITS[found[2]]
    return f"{amount(found[1])} {unit if found[1] == '1' else plural(unit)}"


_RULES: tuple[Rule, ...] = (
    (
        re.compile("|".join(rf"(?<!\w){re.escape(short)}(?!\w)" for short in _ABBREVIATIONS)),
        lambda found: _ABBREVIATIONS[found[0]],
    ),
    (re.compile(r"(?<!\w)[Nn]o\s?[.:]*\s?(?=\d)"), "number "),
    (re.compile(r"(?<![\d.,-])\d\d-\d{6}(?![\d-])"), lambda found: ticket(found[0])),
    (
        re.compile(r"(?<![\d.,])(?:\+?90[ -]?|0[ -]?)?\(?0?[2-5]\d\d\)?[ -]?\d{3}[ -]?\d\d[ -]?\d\d(?!\d)"),
        lambda found: grouped(re.sub(r"\D", "", found[0])),
    ),
    (
        re.compile(
            r"(?<![\d.,])(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<day>\d{1,2}([./-])\d{1,2}\3(?:\d{4}|\d\d)))(?:T(?=\d)|(?!\d))"
            rf"(?:,?\s*(?P<weekday>{_WEEKDAY})\b)?(?P<time>,?\s*(?:at\s+)?(?={_TIME}))?"
        ),
        _date,
    ),
    (
        re.compile(rf"{_TIME}\s?-\s?{_TIME}"),
        lambda found: f"{_clock(found[1], found[2], found[3])} to {_clock(found[4], found[5], found[6])}",
    ),
    (re.compile(_TIME), lambda found: _clock(found[1], found[2], found[3])),
    (re.compile(r"(?<![\d.,:])(1[0-2]|[1-9])\s?([ap])\.?m\b\.?", re.I), lambda found: _clock(found[1], "0", found[2])),
    (
        re.compile(rf"(?<!\d)(\d\d?)(?:st|nd|rd|th)?\s+({_MONTH})\b(?:,?\s+(\d{{4}})(?!\d))?"),
        lambda found: f"{number(int(found[1]))} {found[2]}" + (f" {year(int(found[3]))}" if found[3] else ""),
    ),
    (
        re.compile(rf"\b({_MONTH})\s+(\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,?\s+(\d{{4}})(?!\d))?"),
        lambda found: f"{number(int(found[2]))} {found[1]}" + (f" {year(int(found[3]))}" if found[3] else ""),
    ),
    (re.compile(r"(?<![\d.,])(\d{1,6})(?:st|nd|rd|th)\b"), lambda found: ordinal(int(found[1]))),
    (re.compile(r"(?<![\d/])24/7(?![\d/])"), "twenty-four seven"),
    (re.compile(rf"(?<![\d.,]){_AMOUNT}\s?-\s?(?=\d)"), lambda found: f"{amount(found[1])} to "),
    (
        re.compile(rf"(?<![\d.,]){_AMOUNT}\s?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?!\w)"),
        _measure,
    ),
    (re.compile(rf"(?<![\d.,]){_AMOUNT}\s?(?:TL|₺)(?!\w)"), lambda found: f"{amount(found[1])} lira"),
    (re.compile(r"([A-Z])-(?=\d)"), r"\1 "),
    (re.compile(_AMOUNT), lambda found: f" {amount(found[1])} "),
)
