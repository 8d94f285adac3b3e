"""Free English text, as operators type it, into words."""

from prompts.english_words import number
from prompts.turkish_text import groups


def grouped(digits: str) -> str:
    """ "05321234567" becomes "zero five three two, one two three, four five, six seven"."""
    return ", ".join(one_by_one(group) for group in groups(digits))


def one_by_one(digits: str) -> str:
    return " ".join(number(int(digit)) for digit in digits)


def ticket(number: str) -> str:
    year, _, serial = number.partition("-")
    return ", ".join(one_by_one(group) for group in (year, serial[:-3], serial[-3:]) if group)


def spoken(text: str) -> str:
    return text
