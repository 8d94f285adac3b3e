"""Figures in free Turkish text into words: telephone numbers, amounts, ordinals, and dates in their turn."""

import re

from prompts.digits import groups, ticket_groups
from prompts.turkish_dates import DATES, HOURS, Rule
from prompts.turkish_suffixes import SUFFIX, with_suffix
from prompts.turkish_words import folded, numeral, ordinal

_UNITS = {
    "m³": "metreküp", "m3": "metreküp", "m²": "metrekare", "m2": "metrekare", "km": "kilometre", "cm": "santimetre",
    "mm": "milimetre", "mt": "metre", "lt": "litre", "kg": "kilo", "gr": "gram", "tl": "lira", "₺": "lira",
    "dk": "dakika", "dak": "dakika", "sa": "saat", "sn": "saniye", "kw": "kilovat", "kwh": "kilovat saat",
    "°c": "derece", "°": "derece", "%": "yüzde", "€": "avro", "$": "dolar",
    "saat": "saat", "metre": "metre", "lira": "lira", "litre": "litre", "ton": "ton", "bar": "bar",
    "metreküp": "metreküp", "lt/sn": "litre bölü saniye", "l/s": "litre bölü saniye",
}  # fmt: skip
_LETTER_UNITS = {"m": "metre", "l": "litre", "g": "gram"}
_NOUNS_AFTER_ORDINALS = (
    "yıl|cadde|cad|cd|sokak|sok|sk|etap|kısım|bölge|kat|blok|mahalle|mah|organize|sanayi|köprü|istasyon|noter|bulvar"
    "|çıkmaz|depo|pompa|terfi|kolordu|ordu|levent"
)
_AMOUNT = r"(\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
_LONG_UNITS = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_UNIT = rf"((?i:{_LONG_UNITS})|[mlg])(?!\w)(?:\.(?=\s+[a-zçğıöşü]))?"


def grouped(digits: str) -> str:
    """ "05321234567" becomes "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi", as Turks dictate it."""
    return ", ".join(numeral(group) for group in groups(digits))


def ticket(number: str) -> str:
    return ", ".join(numeral(group) for group in ticket_groups(number))


def words(text: str) -> str:
    for pattern, said in (*_ROWS_OF_DIGITS, *DATES, *_MEASURES, *HOURS, *_AMOUNTS):
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


def _phone(found: re.Match[str]) -> str:
    return with_suffix(grouped(re.sub(r"\D", "", found[1])), found)


def _short_line(found: re.Match[str]) -> str:
    """444 1 185 is read as it is written."""
    parts = re.split(r"[\s-]", found[1])
    return with_suffix(", ".join(map(numeral, parts)) if len(parts) > 1 else grouped(found[1]), found)


def _measure(found: re.Match[str]) -> str:
    unit = (_UNITS | _LETTER_UNITS)[folded(found[2])]
    spoken = amount(found[1])
    return with_suffix(f"{unit} {spoken}" if unit == "yüzde" else f"{spoken} {unit}", found)


def _first_of_two(found: re.Match[str]) -> str:
    """ "2-3 gün" is "iki üç gün", but larger numbers would run together."""
    return amount(found[1]) + (" ile " if found[3] or len(found[1]) > 2 else " ")


_ROWS_OF_DIGITS: tuple[Rule, ...] = (
    (re.compile(r"(?<![\d.,-])\d\d-\d{6}(?![\d-])"), lambda found: ticket(found[0])),
    (
        re.compile(
            r"(?<![\d.,])((?:\+?90[ -]?|0[ -]?)?\(?0?[2-589]\d\d\)?[ -]?\d{3}[ -]?\d\d[ -]?\d\d)(?!\d)" + SUFFIX
        ),
        _phone,
    ),
    (re.compile(r"(?<![\d.,])(444(?:[ -]?\d){4})(?!\d)" + SUFFIX), _short_line),
)
_MEASURES: tuple[Rule, ...] = (
    (
        re.compile(rf"(?<![\d.,:-]){_AMOUNT}\s?-\s?(?={_AMOUNT}(?![\d-])([^.,;]{{0,30}}\bara(?:sı|lığı))?)"),
        _first_of_two,
    ),
    (re.compile(rf"(?<![\d.,]){_AMOUNT}\s?{_UNIT}{SUFFIX}"), _measure),
    (re.compile(rf"%\s?{_AMOUNT}{SUFFIX}"), lambda found: with_suffix(f"yüzde {amount(found[1])}", found)),
)
_AMOUNTS: tuple[Rule, ...] = (
    (
        re.compile(rf"(?<![\d.,])(\d{{1,6}})\.(?=\s+[a-zçğıöşü]|\s*(?i:{_NOUNS_AFTER_ORDINALS})\b)"),
        lambda found: ordinal(int(found[1])) + " ",
    ),
    (re.compile(r"(?<![\d/])7/24(?![\d/])"), "yedi yirmi dört"),
    (re.compile(r"(?<=\d)\s?/\s?(?=\w)"), " bölü "),
    (re.compile(_AMOUNT + SUFFIX), lambda found: f" {with_suffix(amount(found[1]), found)} "),
    (re.compile(r"(?<!\w)(m³|m²|km|cm|mm|TL)(?!\w)"), lambda found: _UNITS[folded(found[1])]),
)
