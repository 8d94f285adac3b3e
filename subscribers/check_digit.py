"""Check digits: a number that was mistyped is noticed before anybody is looked for."""

from collections.abc import Callable, Mapping
from typing import Literal

Scheme = Literal["none", "luhn", "mod10", "mod11"]


def valid(number: str, scheme: Scheme) -> bool:
    """Whether the last digit of a number is the check digit of those before it."""
    if not (number.isascii() and number.isdecimal()):
        return False
    make = _SCHEMES.get(scheme)
    return make is None or (len(number) > 1 and make(number[:-1]) == int(number[-1]))


def with_check_digit(digits: str, scheme: Scheme) -> str | None:
    """The whole number; None where the scheme gives out no number with these digits."""
    make = _SCHEMES.get(scheme)
    if make is None:
        return digits
    check = make(digits)
    return f"{digits}{check}" if check < 10 else None


def _luhn(digits: str) -> int:
    """ISO/IEC 7812-1: every second digit doubled, counted from the right."""
    doubled = [int(digit) * 2 if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))]
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def _mod10(digits: str) -> int:
    """As in article numbers (GS1): weights 3, 1, 3, … from the right."""
    return -sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits))) % 10


def _mod11(digits: str) -> int:
    """Weights 2 to 7, again and again from the right. A rest that would be 10 is given to nobody."""
    return -sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits))) % 11


_SCHEMES: Mapping[Scheme, Callable[[str], int]] = {"luhn": _luhn, "mod10": _mod10, "mod11": _mod11}
