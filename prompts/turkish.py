"""Turkish speech grammar: values become the words that a speaker of Turkish would say."""

import re
from datetime import date, datetime, timedelta

from prompts.days import at_night, days_ahead, evening_of, nights_ahead, rounded
from prompts.grammar import Case
from prompts.turkish_figures import grouped, ticket
from prompts.turkish_text import spoken
from prompts.turkish_words import MONTHS, WEEKDAYS, clock, inflect, lower, number

_DAYS = {-1: "dün", 0: "bugün", 1: "yarın"}
_NIGHTS = {-1: "dün gece", 0: "bu gece", 1: "yarın gece"}

# Heads of compounds such as "Pelitpınarı" or "İpek Yolu"; "İnönü" and "Acısu" look like them and are not.
_POSSESSED = re.compile(
    r"[aeıioöuü]s[ıiü]$|l[ıiuü]ğ[ıiuü]$|(?<!in)önü$|\b(evi|altı|içi|parkı|hanı|garı|deposu|kuyusu|korusu)$"
    r"|(pınarı|başı|beyi|bağı|düzü|yeri|çayırı|bayırı|burnu|dibi|yolu|oğlu|köyü|gölü|sokağı|bulvarı|evleri|konutları"
    r"|merkezi|limanı|üstü|ardı|yanı|boyu|ağzı|kavşağı|meydanı|kenarı|sırtı|yamacı|taşı|suyu|istasyonu|mevkii|hisarı"
    r"|sarayı|pazarı|geçidi|ormanı|okulu|apartmanı|bloğu|alanı|tesisleri|barajı|göleti|otogarı|terminali|tüneli)$"
)


class Turkish:
    def number(self, value: int) -> str:
        return number(value)

    def count(self, value: int, noun: str) -> str:
        return f"{number(value)} {noun}"

    def clock(self, hour: int, minute: int = 0, case: Case = "bare") -> str:
        return clock(hour, minute, case)

    def moment(self, at: datetime, now: datetime, case: Case = "bare") -> str:
        at = rounded(at)
        return f"{_day(at, now)} {_time(at, case)}"

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        start, end = rounded(start), rounded(end)
        if _day(start, now) == _day(end, now) or (_midnight(end) and evening_of(start) == evening_of(end)):
            until = "saat " * (_midnight(start) and not _midnight(end)) + clock(end.hour, end.minute, "dative")
        elif evening_of(start) == evening_of(end):
            until = f"gece {_time(end, 'dative')}"
        else:
            until = self.moment(end, now, "dative")
        return f"{self.moment(start, now, 'ablative')} {until} kadar"

    def digits(self, digits: str) -> str:
        return grouped(digits)

    def ticket(self, number: str) -> str:
        return ticket(number)

    def place(self, name: str, case: Case = "bare") -> str:
        said = spoken(name)
        if not said:
            return said
        if name[-1:].isdigit():
            return inflect(said, case)
        return inflect(said, case, possessed=bool(_POSSESSED.search(lower(said))), mark="'")

    def spoken(self, text: str) -> str:
        return spoken(text)


def _day(at: datetime, now: datetime) -> str:
    """The part before the time: "bugün", "bu gece", "yirmi beş Kasım Çarşamba günü"."""
    if at_night(at):
        return _NIGHTS.get(nights_ahead(at, now)) or _night_between(evening_of(at))
    return _DAYS.get(days_ahead(at, now)) or f"{_date(at.date())} günü"


def _time(at: datetime, case: Case) -> str:
    spoken = clock(at.hour, at.minute, case)
    # "bu gece gece yarısı" would stutter
    return spoken.removeprefix("gece ") if _midnight(at) else f"saat {spoken}"


def _night_between(evening: date) -> str:
    """ "yirmi dört Kasım Salıyı Çarşambaya bağlayan gece": the only form that no listener takes for another night."""
    morning = WEEKDAYS[(evening + timedelta(days=1)).weekday()]
    return f"{inflect(_date(evening), 'accusative')} {inflect(morning, 'dative')} bağlayan gece"


def _date(day: date) -> str:
    return f"{number(day.day)} {MONTHS[day.month - 1]} {WEEKDAYS[day.weekday()]}"


def _midnight(at: datetime) -> bool:
    return (at.hour, at.minute) == (0, 0)
