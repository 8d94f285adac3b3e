"""Numbers that are known only during the call, joined from number words that were rendered before."""

from dataclasses import replace

import phonenumbers

from prompts.grammar import grammar
from prompts.prompt import Language, Prompt

REGION = "TR"
MINUTES = (*range(1, 20), *range(20, 70, 10))
"""Whole ones up to twenty, then tens: an estimate is no better than that."""
PRIVATE = "private.number"
"""Key of prompts that speak personal data, so that call records can leave their words out."""


def number_prompts(language: Language) -> list[Prompt]:
    """Every piece that is joined below: tens and hundreds in Turkish, single digits in English, and minutes."""
    minutes = [spoken_minutes(value, language) for value in MINUTES]
    if language == "tr":
        hundreds = [_open(value, language) for value in range(100, 1000, 100)]
        tens = [_closed(value, language) for value in range(1000) if _ends(value)]
        return [_open(0, language), *hundreds, *tens, *minutes]
    return [*(say(digit, language) for digit in range(10) for say in (_open, _closed)), *minutes]


def spoken_minutes(minutes: int, language: Language) -> Prompt:
    """The next of `MINUTES`; an hour stands for all that is longer."""
    value = next((each for each in MINUTES if each >= minutes), MINUTES[-1])
    return Prompt("queue.number", grammar(language).number(value), language)


def ticket_number(number: str, language: Language) -> list[Prompt]:
    """`26-004217` in groups: "yirmi altı, sıfır sıfır dört, iki yüz on yedi"."""
    year, _, serial = number.partition("-")
    head = len(serial) % 3
    groups = [serial[:head], *(serial[start : start + 3] for start in range(head, len(serial), 3))]
    return _in_groups([year, *filter(None, groups)], language)


def telephone(e164: str, language: Language) -> list[Prompt]:
    """The number as it is dialled in the country, in the groups in which people say it."""
    digits = national(e164)
    if len(digits) == 11:
        groups = [digits[:1], digits[1:4], digits[4:7], digits[7:9], digits[9:]]
    else:
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return [replace(prompt, key=PRIVATE) for prompt in _in_groups(groups, language)]


def national(e164: str) -> str:
    parsed = phonenumbers.parse(e164, REGION)
    if parsed.country_code != phonenumbers.country_code_for_region(REGION):
        return f"00{e164.lstrip('+')}"
    return f"0{phonenumbers.national_significant_number(parsed)}"


def dialled(keys: str) -> str | None:
    """What a caller typed, as E.164; None when it cannot be a telephone number."""
    try:
        parsed = phonenumbers.parse(keys, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _in_groups(groups: list[str], language: Language) -> list[Prompt]:
    return [prompt for group in groups for prompt in _group(group, language)]


def _group(group: str, language: Language) -> list[Prompt]:
    if language == "en":
        *first, last = (int(digit) for digit in group)
        return [*(_open(digit, language) for digit in first), _closed(last, language)]
    zeros = len(group) - len(group.lstrip("0"))
    if zeros == len(group):
        return [*([_open(0, language)] * (zeros - 1)), _closed(0, language)]
    value = int(group)
    spoken = [_open(0, language)] * zeros
    if value > 99 and value % 100:
        spoken.append(_open(value - value % 100, language))
        value %= 100
    return [*spoken, _closed(value, language)]


def _ends(value: int) -> bool:
    return value < 100 or value % 100 == 0


def _open(value: int, language: Language) -> Prompt:
    """Said with more of the group to come."""
    return Prompt(f"number.{value}", grammar(language).number(value), language)


def _closed(value: int, language: Language) -> Prompt:
    """Said last in its group: the voice pauses."""
    return Prompt(f"number.{value}", f"{grammar(language).number(value)},", language)
