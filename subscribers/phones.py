"""Telephone numbers as people and spreadsheets write them."""

import re

import phonenumbers

REGION = "TR"
LONGEST = 40
_WITHOUT_NOUGHT = 10
"""Digits of a Turkish number that a spreadsheet took for a figure."""
_PLAIN = re.compile(r"0?([2-5][0-9]{9})")
_BETWEEN = str.maketrans("", "", " -")


def e164(written: str) -> str | None:
    """ "0532 123 45 67" and "5321234567" become "+905321234567"; None for what is no telephone number."""
    text = written.strip()
    if len(text) <= LONGEST and (plain := _PLAIN.fullmatch(text.translate(_BETWEEN))):
        return f"+90{plain[1]}"  # nearly all of a list: a tenth of what it costs to look at a number closely
    if text.isascii() and text.isdecimal() and len(text) == _WITHOUT_NOUGHT:
        text = f"0{text}"
    try:
        parsed = phonenumbers.parse(text[:LONGEST], REGION)
    except phonenumbers.NumberParseException:
        return None
    if len(text) > LONGEST or parsed.extension or not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
