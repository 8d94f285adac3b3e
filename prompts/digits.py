"""Long rows of digits cut into the groups that a listener can write down."""

import re


def groups(digits: str) -> list[str]:
    """Threes first and twos at the end, as telephone numbers go: 0532 123 45 67, 444 11 85; +90 is dialled as 0."""
    digits = re.sub(r"\D", "", digits)
    if len(digits) == 12 and digits.startswith("90"):
        digits = "0" + digits[2:]
    trunk, rest = ("0", digits[1:]) if len(digits) == 11 and digits[0] == "0" else ("", digits)
    twos = min(-len(rest) % 3, len(rest) // 2)
    threes = len(rest) - 2 * twos
    found = [rest[at : at + 3] for at in range(0, threes, 3)] + [
        rest[at : at + 2] for at in range(threes, len(rest), 2)
    ]
    return [trunk + found[0], *found[1:]] if found else []


def ticket_groups(number: str) -> list[str]:
    """The year, then the serial number in threes: `26-004217` is 26, 004, 217."""
    year, _, serial = number.rpartition("-")
    serial_groups = [serial[max(0, end - 3) : end] for end in range(len(serial), 0, -3)]
    return [year, *reversed(serial_groups)] if year else [*reversed(serial_groups)]
