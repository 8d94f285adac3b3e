"""Free Turkish text, as operators type it, into words."""

from prompts.turkish_words import numeral


def grouped(digits: str) -> str:
    """ "05321234567" becomes "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi", as Turks dictate it."""
    return ", ".join(numeral(group) for group in groups(digits))


def groups(digits: str) -> list[str]:
    """Threes first and twos at the end, never a single digit: 3 3 2 2, 3 2 2, 3 2; a trunk zero joins the first."""
    trunk, rest = ("0", digits[1:]) if len(digits) == 11 and digits[0] == "0" else ("", digits)
    twos = min({0: 0, 1: 2, 2: 1}[len(rest) % 3], len(rest) // 2)
    threes = len(rest) - 2 * twos
    found = [rest[at : at + 3] for at in range(0, threes, 3)] + [
        rest[at : at + 2] for at in range(threes, len(rest), 2)
    ]
    return [trunk + found[0], *found[1:]]


def ticket(number: str) -> str:
    year, _, serial = number.partition("-")
    return ", ".join(numeral(group) for group in (year, serial[:-3], serial[-3:]) if group)


def spoken(text: str) -> str:
    return text
