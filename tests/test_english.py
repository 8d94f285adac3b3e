import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.english_words import ordinal
from prompts.grammar import grammar

ISTANBUL = ZoneInfo("Europe/Istanbul")
english = grammar("en")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ISTANBUL)


NOW = at(24, 14, 3)


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (101, "one hundred and one"),
        (1001, "one thousand and one"),
        (1250, "one thousand two hundred and fifty"),
        (970_454, "nine hundred and seventy thousand four hundred and fifty-four"),
        (2_000_000, "two million"),
        (-3, "minus three"),
    ],
)
def test_numbers(value: int, spoken: str) -> None:
    assert english.number(value) == spoken


def test_counts_take_the_plural() -> None:
    assert english.count(1, "subscriber") == "one subscriber"
    assert english.count(0, "subscriber") == "zero subscribers"
    assert english.count(1250, "subscriber") == "one thousand two hundred and fifty subscribers"
    assert [english.count(2, noun) for noun in ("person", "city", "day", "branch")] == [
        "two people",
        "two cities",
        "two days",
        "two branches",
    ]


def test_ordinals() -> None:
    assert [ordinal(value) for value in (1, 2, 3, 4, 5, 8, 9, 12, 20, 21, 100, 103)] == [
        *("first", "second", "third", "fourth", "fifth", "eighth", "ninth", "twelfth", "twentieth", "twenty-first"),
        *("one hundredth", "one hundred and third"),
    ]


HOURS = "one two three four five six seven eight nine ten eleven"
MINUTES = "oh five|ten|fifteen|twenty|twenty-five|thirty|thirty-five|forty|forty-five|fifty|fifty-five"


def test_every_full_hour() -> None:
    morning, afternoon = ([f"{hour} {half}" for hour in HOURS.split()] for half in ("a.m.", "p.m."))
    assert [english.clock(hour) for hour in range(25)] == ["midnight", *morning, "noon", *afternoon, "midnight"]


def test_every_five_minutes() -> None:
    minutes = MINUTES.split("|")
    for half, start in (("a.m.", 0), ("p.m.", 12)):
        for hour, spoken in enumerate(["twelve", *HOURS.split()], start):
            expected = [f"{spoken} {minute} {half}" for minute in minutes]
            assert [english.clock(hour, minute) for minute in range(5, 60, 5)] == expected


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        (at(24, 17), "today at five p.m."),
        (at(24, 16, 52), "today at four fifty-five p.m."),
        (at(23, 8, 30), "yesterday at eight thirty a.m."),
        (at(25, 2), "tomorrow at two a.m."),
        (at(25, 0), "tonight at midnight"),
        (at(24, 0), "last night at midnight"),
        (at(26, 9), "on Thursday, twenty-six November, at nine a.m."),
        (at(28, 0), "on Friday night, twenty-seven November, at midnight"),
    ],
)
def test_moments(moment: datetime, spoken: str) -> None:
    assert english.moment(moment, NOW) == spoken


@pytest.mark.parametrize(
    ("start", "end", "spoken"),
    [
        (at(24, 9), at(24, 17), "today from nine a.m. to five p.m."),
        (at(24, 22), at(25, 6), "today from ten p.m. to six a.m. tomorrow"),
        (at(24, 9), at(25, 0), "today from nine a.m. to midnight"),
        (at(26, 9), at(26, 17), "on Thursday, twenty-six November, from nine a.m. to five p.m."),
    ],
)
def test_spans(start: datetime, end: datetime, spoken: str) -> None:
    assert english.span(start, end, NOW) == spoken


@settings(deadline=None)
@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_no_day_or_hour_is_ever_said_in_figures(ahead: timedelta, length: timedelta) -> None:
    spoken = english.span(NOW + ahead, NOW + ahead + length, NOW) + english.moment(NOW + ahead, NOW)
    assert not re.search(r"\d|  |,$", spoken)


def test_rows_of_digits_are_read_one_by_one_in_groups() -> None:
    assert english.digits("05321234567") == "zero five three two, one two three, four five, six seven"
    assert english.ticket("26-004217") == "two six, zero zero four, two one seven"


def test_places_stay_turkish() -> None:
    assert english.place("Gölcük", "locative") == "Gölcük"
    assert english.place("17 Ağustos", "locative") == "on yedi Ağustos"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("from 09:00 to 17:00", "from nine a.m. to five p.m."),
        ("08:30–12:30", "eight thirty a.m. to twelve thirty p.m."),
        ("5 pm, 5:30 p.m. or 12am", "five p.m., five thirty p.m. or midnight"),
        ("25.11.2026 Wednesday 09:00", "Wednesday, twenty-five November at nine a.m."),
        ("25/11/2026", "twenty-five November twenty twenty-six"),
        ("2026-11-25T09:00", "twenty-five November at nine a.m."),
        ("November 25th, 2026", "twenty-five November twenty twenty-six"),
        ("1st May, 21st Street", "one May, twenty-first Street"),
        ("1,250 subscribers", "one thousand two hundred and fifty subscribers"),
        ("2.5 km of 1 m pipe, 25% done", "two point five kilometres of one metre pipe, twenty-five per cent done"),
        ("1,000,000 m³", "one million cubic metres"),
        ("50 TL", "fifty lira"),
        ("10-15 days", "ten to fifteen days"),
        ("call 0262 335 40 00", "call zero two six two, three three five, four zero, zero zero"),
        ("No. 5 on the D-100, open 24/7", "number five on the D one hundred, open twenty-four seven"),
        ("Water & crews, e.g. in Gebze.", "Water and crews, for example in Gebze."),
        ("Water is off until 14:30.", "Water is off until two thirty p.m."),
        ("Open 9:00 to 5 p.m.. Call us at 8am.", "Open nine a.m. to five p.m. Call us at eight a.m."),
        ("Is it back at 14:30?", "Is it back at two thirty p.m.?"),
        ("Well-known words stay.", "Well-known words stay."),
    ],
)
def test_free_text(written: str, spoken: str) -> None:
    assert english.spoken(written) == spoken


FRAGMENTS = "09:00 9am 25.11.2026 / - . , : % m³ KM May November 1st 1,250.5 24:00 ½ Ⅳ ٣ ² 00012 26-004217 İ ſ"


@settings(deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS.split()) | st.text(max_size=5)).map("".join))
def test_whatever_is_typed_no_figure_reaches_the_engine(written: str) -> None:
    assert not any(character.isnumeric() for character in english.spoken(written))


@pytest.mark.parametrize("figure", ["9" * 5000, "0" * 5000, "1." + "5" * 5000, "1" + ",000" * 2000, "9" * 5000 + "th"])
def test_endless_figures_are_no_accident(figure: str) -> None:
    assert english.spoken(figure)
