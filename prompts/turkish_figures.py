"""Figures in free Turkish text into words: telephone numbers, dates, hours, amounts, ordinals."""

import re
from collections.abc import Callable
from datetime import date

from prompts.digits import groups, ticket_groups
from prompts.turkish_suffixes import attach, is_suffix
from prompts.turkish_words import MONTHS, WEEKDAYS, clock, folded, number, numeral, ordinal

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_UNITS = {
    "m³": "metreküp", "m3": "metreküp", "m²": "metrekare", "m2": "metrekare", "km": "kilometre", "cm": "santimetre",
    "mm": "milimetre", "mt": "metre", "lt": "litre", "kg": "kilo", "gr": "gram", "tl": "lira", "₺": "lira",
    "dk": "dakika", "dak": "dakika", "sa": "saat", "sn": "saniye", "kw": "kilovat", "kwh": "kilovat saat",
    "°c": "derece", "°": "derece", "%": "yüzde", "€": "avro", "$": "dolar",
    "saat": "saat", "metre": "metre", "lira": "lira", "litre": "litre", "ton": "ton", "bar": "bar",
    "metreküp": "metreküp",
}  # fmt: skip
_LETTER_UNITS = {"m": "metre", "l": "litre", "g": "gram"}
_NOUNS_AFTER_ORDINALS = (
    "yıl|cadde|cad|cd|sokak|sok|sk|etap|kısım|bölge|kat|blok|mahalle|mah|organize|sanayi|köprü|istasyon|noter|bulvar"
    "|çıkmaz|depo|pompa|terfi|kolordu|ordu|levent"
)
_WEEKDAY = "|".join(WEEKDAYS)
_AMOUNT = r"(\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
_TIME = r"(?<![\d.,:/])([01]?\d|2[0-4])[:.]([0-5]\d)(?::[0-5]\d)?(?!\d|[:.,/]\d)"
_SUFFIX = r"(?:\s?'([^\W\d_]+)|([^\W\d_]{1,4})\b)?"
_LONG_UNITS = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_UNIT = rf"((?i:{_LONG_UNITS})|[mlg])(?!\w)(?:\.(?=\s+[a-zçğıöşü]))?"


def grouped(digits: str) -> str:
    """ "05321234567" becomes "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi", as Turks dictate it."""
    return ", ".join(numeral(group) for group in groups(digits))


def ticket(number: str) -> str:
    return ", ".join(numeral(group) for group in ticket_groups(number))


def words(text: str) -> str:
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def amount(figure: str) -> str:
    """ "1.250" is a thousand and more, "2,5" and "2.5" two and a half."""
    whole, _, fraction = figure.partition(",")
    if not fraction and not re.fullmatch(r"\d{1,3}(\.\d{3})+", whole):
        whole, _, fraction = whole.partition(".")
    whole = whole.replace(".", "")
    spoken = numeral(whole) if len(whole) < 7 or _is_round(whole) else grouped(whole)
    if fraction == "5" and whole != "0":
        return f"{spoken} buçuk"
    return f"{spoken} virgül {numeral(fraction) if len(fraction) < 4 else grouped(fraction)}" if fraction else spoken


def _is_round(whole: str) -> bool:
    return whole.endswith("000") and not whole.startswith("0") and len(whole) < 16


def _with_suffix(spoken: str, found: re.Match[str], group: int) -> str:
    marked, bare = found[group], found[group + 1]
    if marked:
        return attach(spoken, marked, possessed=spoken.endswith("yarısı"))
    if bare:
        return attach(spoken, bare) if len(bare) > 1 and bare.islower() and is_suffix(bare) else f"{spoken} {bare}"
    return spoken


def _short_line(found: re.Match[str]) -> str:
    parts = re.split(r"[\s-]", found[0])
    return ", ".join(numeral(part) for part in parts) if len(parts) > 1 else grouped(found[0])


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
    if found["time"] is not None:
        return spoken + " günü saat "
    if found["weekday"]:
        return spoken
    spoken += " " + number(year)
    return attach(spoken, found["suffix"]) if found["suffix"] else spoken


def _short_date(found: re.Match[str]) -> str:
    day, month = int(found[1]), int(found[2])
    return f"{number(day)} {MONTHS[month - 1]} " if 1 <= day <= 31 and 1 <= month <= 12 else found[0]


def _time_range(found: re.Match[str]) -> str:
    first, last = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    if found[5] and is_suffix(found[5]):
        return f"{clock(*first, 'ablative')} {attach(clock(*last), found[5], possessed=last == (0, 0))}"
    return f"{clock(*first)} ile {clock(*last)}" + ("" if found[6] else " arası")


def _time(found: re.Match[str]) -> str:
    return _with_suffix(clock(int(found[1]), int(found[2])), found, 3)


def _measure(found: re.Match[str]) -> str:
    unit = (_UNITS | _LETTER_UNITS)[folded(found[2])]
    spoken = amount(found[1])
    return _with_suffix(f"{unit} {spoken}" if unit == "yüzde" else f"{spoken} {unit}", found, 3)


def _first_of_two(found: re.Match[str]) -> str:
    return amount(found[1]) + (" ile " if found[3] else " ")


_RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<![\d.,-])\d\d-\d{6}(?![\d-])"), lambda found: ticket(found[0])),
    (
        re.compile(r"(?<![\d.,])(?:\+?90[ -]?|0[ -]?)?\(?0?[2-5]\d\d\)?[ -]?\d{3}[ -]?\d\d[ -]?\d\d(?!\d)"),
        lambda found: grouped(re.sub(r"\D", "", found[0])),
    ),
    (re.compile(r"(?<![\d.,])444(?:[ -]?\d){4}(?!\d)"), _short_line),
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
    (re.compile(rf"\b({_WEEKDAY})(?:\s+günü)?,?\s+(?:saat\s+)?(?={_TIME})", re.I), r"\1 günü saat "),
    (re.compile(rf"\b(bugün|yarın|dün|bu gece|bu sabah|bu akşam),?\s+(?={_TIME})", re.I), r"\1 saat "),
    (re.compile(rf"{_TIME}\s?-\s?{_TIME}(?:'([^\W\d_]+))?(?=(\s+(?:saatleri\s+)?ara\w*)?)", re.I), _time_range),
    (
        re.compile(rf"(?<![\d.,:-]){_AMOUNT}\s?-\s?(?={_AMOUNT}(?![\d-])([^.,;]{{0,30}}\bara(?:sı|lığı))?)"),
        _first_of_two,
    ),
    (re.compile(rf"(?<![\d.,]){_AMOUNT}\s?{_UNIT}{_SUFFIX}"), _measure),
    (re.compile(rf"%\s?{_AMOUNT}{_SUFFIX}"), lambda found: _with_suffix(f"yüzde {amount(found[1])}", found, 2)),
    (re.compile(rf"{_TIME}{_SUFFIX}"), _time),
    (re.compile(r"(?<![\d.,])(\d\d?)\.(0[1-9]|1[0-2])(?![\d.,/])\s?"), _short_date),
    (
        re.compile(rf"(?<![\d.,])(\d{{1,6}})\.(?=\s+[a-zçğıöşü]|\s*(?i:{_NOUNS_AFTER_ORDINALS})\b)"),
        lambda found: ordinal(int(found[1])) + " ",
    ),
    (re.compile(r"(?<![\d/])7/24(?![\d/])"), "yedi yirmi dört"),
    (re.compile(r"(?<=\d)\s?/\s?(?=\w)"), " bölü "),
    (re.compile(rf"{_AMOUNT}{_SUFFIX}"), lambda found: f" {_with_suffix(amount(found[1]), found, 2)} "),
    (re.compile(r"(?<!\w)(m³|m²|km|cm|mm|TL)(?!\w)"), lambda found: _UNITS[folded(found[1])]),
)
