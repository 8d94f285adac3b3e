"""Moments that are known only during the call, joined from words that were rendered before."""

from datetime import date, datetime, timedelta

from callflows.clock import local
from prompts import english_words, turkish_words
from prompts.grammar import grammar
from prompts.prompt import Language, Prompt

HALF = 30
"""Minutes to which a moment is rounded down: sooner is no broken promise."""
WEEK = 7
A_MONDAY = date(2024, 1, 1)
_NEAR: dict[Language, tuple[str, str]] = {"tr": ("bugün,", "yarın,"), "en": ("today", "tomorrow")}


def moment_prompts(language: Language) -> list[Prompt]:
    """Every piece that `until` joins."""
    days = [A_MONDAY + timedelta(days=each) for each in range(31)]
    months = [date(2024, month, 1) for month in range(1, 13)]
    halves = [(hour, minute) for hour in range(24) for minute in (0, HALF) if (hour, minute) != (0, 0)]
    near = [_near(each, language) for each in (0, 1)]
    dates = [*(_weekday(day, language) for day in days[:WEEK]), *(_number(day, language) for day in days)]
    return [*near, *dates, *(_month(day, language) for day in months), *(_clock(*half, language) for half in halves)]


def until(at: datetime, now: datetime, language: Language) -> list[Prompt]:
    """ "bugün, saat on yedi buçuğa kadar.", "on Friday by five p.m." """
    moment = local(at)
    moment = moment.replace(minute=moment.minute // HALF * HALF, second=0, microsecond=0)
    if (moment.hour, moment.minute) == (0, 0):
        moment -= timedelta(minutes=HALF)  # "until midnight" leaves open which one
    ahead = (moment.date() - local(now).date()).days
    day = moment.date()
    if ahead in (0, 1):
        said = [_near(ahead, language)]
    elif ahead < WEEK:
        said = [_weekday(day, language)]
    else:
        said = [_number(day, language), _month(day, language)]
    return [*said, _clock(moment.hour, moment.minute, language)]


def _near(ahead: int, language: Language) -> Prompt:
    return Prompt("moment.day", _NEAR[language][ahead], language)


def _weekday(day: date, language: Language) -> Prompt:
    text = f"{turkish_words.WEEKDAYS[day.weekday()]} günü," if language == "tr" else f"on {english_words.weekday(day)}"
    return Prompt("moment.weekday", text, language)


def _number(day: date, language: Language) -> Prompt:
    spoken = grammar(language).number(day.day)
    return Prompt("moment.number", spoken if language == "tr" else f"on {spoken}", language)


def _month(day: date, language: Language) -> Prompt:
    names = turkish_words.MONTHS if language == "tr" else english_words.MONTHS
    return Prompt("moment.month", f"{names[day.month - 1]},", language)


def _clock(hour: int, minute: int, language: Language) -> Prompt:
    spoken = grammar(language).clock(hour, minute, "dative")
    text = f"saat {spoken} kadar." if language == "tr" else f"by {spoken.rstrip('.')}."
    return Prompt("moment.clock", text, language)
