"""English speech grammar: twelve-hour clock with a.m. and p.m., day before month, digits one by one."""

from datetime import datetime

from prompts import english_text, turkish_text
from prompts.days import days_ahead, evening_of, nights_ahead, rounded
from prompts.english_words import clock, counted, day_and_month, number, weekday
from prompts.grammar import Case

_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_MIDNIGHTS = {-1: "last night", 0: "tonight", 1: "tomorrow night"}


class English:
    """Cases are ignored: English puts "at", "from" and "until" before the time; names of places stay Turkish."""

    def number(self, value: int) -> str:
        return number(value)

    def count(self, value: int, noun: str) -> str:
        """`noun` in the singular."""
        return counted(value, noun)

    def clock(self, hour: int, minute: int = 0, case: Case = "bare") -> str:
        return clock(hour, minute)

    def moment(self, at: datetime, now: datetime, case: Case = "bare") -> str:
        at = rounded(at)
        return f"{_day(at, now)} at {clock(at.hour, at.minute)}"

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        start, end = rounded(start), rounded(end)
        first, last = _day(start, now), _day(end, now)
        until = clock(end.hour, end.minute)
        if first != last and not (_midnight(end) and evening_of(start) == evening_of(end)):
            until += f" {last.rstrip(',')}"
        return f"{first} from {clock(start.hour, start.minute)} to {until}"

    def digits(self, digits: str) -> str:
        return english_text.grouped(digits)

    def ticket(self, number: str) -> str:
        return english_text.ticket(number)

    def place(self, name: str, case: Case = "bare") -> str:
        return turkish_text.spoken(name)

    def spoken(self, text: str) -> str:
        return english_text.spoken(text)


def _day(at: datetime, now: datetime) -> str:
    """ "today", "tomorrow", "on Wednesday, twenty-five November,"; midnight belongs to the evening before."""
    if _midnight(at):
        evening = evening_of(at)
        return _MIDNIGHTS.get(nights_ahead(at, now)) or f"on {weekday(evening)} night, {day_and_month(evening)},"
    return _DAYS.get(days_ahead(at, now)) or f"on {weekday(at)}, {day_and_month(at)},"


def _midnight(at: datetime) -> bool:
    return (at.hour, at.minute) == (0, 0)
