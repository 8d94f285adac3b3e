"""English at the level of the word: numbers, counts and the clock."""

from datetime import date

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_IRREGULAR = {"person": "people", "child": "children"}
_LAST_ORDINAL = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number(value: int) -> str:
    """Cardinal of a whole number, the British way: "one thousand two hundred and fifty"."""
    if value < 0:
        return "minus " + number(-value)
    if value < 20:
        return _SMALL[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if value >= size:
            many, rest = divmod(value, size)
            joint = " and " if rest < 100 else " "
            return f"{number(many)} {word}" + (joint + number(rest) if rest else "")
    hundreds, rest = divmod(value, 100)
    return f"{_SMALL[hundreds]} hundred" + (f" and {number(rest)}" if rest else "")


def ordinal(value: int) -> str:
    words = number(value)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut], words[cut:]
    if last in _LAST_ORDINAL:
        return head + _LAST_ORDINAL[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def counted(value: int, noun: str) -> str:
    """ "one person", "two people", "two cities"; `noun` in the singular."""
    return f"{number(value)} {noun if value == 1 else plural(noun)}"


def clock(hour: int, minute: int = 0) -> str:
    """ "five p.m.", "eight thirty a.m.", "nine oh five a.m.", "noon", "midnight"."""
    if minute == 0 and hour % 12 == 0:
        return "noon" if hour == 12 else "midnight"
    words = [number(hour % 12 or 12)]
    if minute:
        words.append(f"oh {number(minute)}" if minute < 10 else number(minute))
    return " ".join([*words, "a.m." if hour % 24 < 12 else "p.m."])


def day_and_month(day: date) -> str:
    return f"{number(day.day)} {MONTHS[day.month - 1]}"


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def plural(noun: str) -> str:
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")
