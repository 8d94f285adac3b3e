"""Free English text, as operators type it, into words."""

from prompts.digits import groups, ticket_groups
from prompts.english_words import number


def grouped(digits: str) -> str:
    """ "05321234567" becomes "zero five three two, one two three, four five, six seven"."""
    return ", ".join(one_by_one(group) for group in groups(digits))


def one_by_one(digits: str) -> str:
    return " ".join(number(int(digit)) for digit in digits)


def ticket(number: str) -> str:
    return ", ".join(one_by_one(group) for group in ticket_groups(number))


def spoken(text: str) -> str:
    return text
