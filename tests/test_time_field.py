"""One field for times: what operators write in it, what it shows back, and what it asks for when it cannot tell."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.time_field import Span, UnclearTime, parse, shown

ISTANBUL = ZoneInfo("Europe/Istanbul")
ZONES = [ISTANBUL, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]
NOW = datetime(2026, 11, 25, 12, 7, 33, tzinfo=ISTANBUL)
"""A Wednesday."""


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d.%m.%y %H:%M").replace(tzinfo=ISTANBUL)


@pytest.mark.parametrize(
    ("written", "starts", "end"),
    [
        ("bugün 14-18", "25.11.26 14:00", "25.11.26 18:00"),
        ("BUGÜN 14–18", "25.11.26 14:00", "25.11.26 18:00"),
        ("yarın 09:00-17:00", "26.11.26 09:00", "26.11.26 17:00"),
        ("YARIN 9-17", "26.11.26 09:00", "26.11.26 17:00"),
        ("14-18", "25.11.26 14:00", "25.11.26 18:00"),
        ("14:30–18", "25.11.26 14:30", "25.11.26 18:00"),
        ("14.30-18", "25.11.26 14:30", "25.11.26 18:00"),
        ("saat 14-18", "25.11.26 14:00", "25.11.26 18:00"),
        ("şimdi", "25.11.26 12:07", None),
        ("şimdi +3 saat", "25.11.26 12:07", "25.11.26 15:07"),
        ("+90 dk", "25.11.26 12:07", "25.11.26 13:37"),
        ("1 saat 30 dk", "25.11.26 12:07", "25.11.26 13:37"),
        ("2,5 saat", "25.11.26 12:07", "25.11.26 14:37"),
        ("yarın 9 +8 saat", "26.11.26 09:00", "26.11.26 17:00"),
        ("17:00'ye kadar", "25.11.26 12:07", "25.11.26 17:00"),
        ("17:00’ye kadar", "25.11.26 12:07", "25.11.26 17:00"),
        ("11'e kadar", "25.11.26 12:07", "26.11.26 11:00"),
        ("yarın 17'ye kadar", "25.11.26 12:07", "26.11.26 17:00"),
        ("gece yarısına kadar", "25.11.26 12:07", "26.11.26 00:00"),
        ("9'dan 17'ye kadar", "25.11.26 09:00", "25.11.26 17:00"),
        ("yarın 9 ile 17 arası", "26.11.26 09:00", "26.11.26 17:00"),
        ("14'ten itibaren", "25.11.26 14:00", None),
        ("bugün 14:00", "25.11.26 14:00", None),
        ("25.11 09:00 - 26.11 02:00", "25.11.26 09:00", "26.11.26 02:00"),
        ("25 Kasım 9-17", "25.11.26 09:00", "25.11.26 17:00"),
        ("25.11.2026 9-17", "25.11.26 09:00", "25.11.26 17:00"),
        ("2026-11-25T09:00", "25.11.26 09:00", None),
        ("05.01 9-17", "05.01.27 09:00", "05.01.27 17:00"),
        ("çarşamba 9-17", "25.11.26 09:00", "25.11.26 17:00"),
        ("çarşamba 9-11", "02.12.26 09:00", "02.12.26 11:00"),
        ("cuma günü 9-17", "27.11.26 09:00", "27.11.26 17:00"),
        ("haftaya salı 9-17", "01.12.26 09:00", "01.12.26 17:00"),
        ("cmt 9 - paz 17", "28.11.26 09:00", "29.11.26 17:00"),
        ("yarın 22-04", "26.11.26 22:00", "27.11.26 04:00"),
        ("yarın 20-24", "26.11.26 20:00", "27.11.26 00:00"),
        ("dün 9-17", "24.11.26 09:00", "24.11.26 17:00"),
        ("today 2pm-6pm", "25.11.26 14:00", "25.11.26 18:00"),
        ("tomorrow 9-17", "26.11.26 09:00", "26.11.26 17:00"),
        ("tomorrow from 9 to 17", "26.11.26 09:00", "26.11.26 17:00"),
        ("now +3h", "25.11.26 12:07", "25.11.26 15:07"),
        ("until 17:00", "25.11.26 12:07", "25.11.26 17:00"),
        ("next tuesday 9-17", "01.12.26 09:00", "01.12.26 17:00"),
        ("25 nov 9-17", "25.11.26 09:00", "25.11.26 17:00"),
    ],
)
def test_times_as_operators_write_them(written: str, starts: str, end: str | None) -> None:
    assert parse(written, NOW, ISTANBUL) == Span(at(starts), at(end) if end else None)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "Zamanı yazın"),
        ("yarın", "saat de yazın"),
        ("25.11", "saat de yazın"),
        ("25.11 09:00 - 26.11", "saat de yazın"),
        ("31.11 9-17", "takvimde yok"),
        ("29.02.2027 9-17", "takvimde yok"),
        ("26-9", "bir gün değil"),
        ("yarın 9:75", "bir saat değil"),
        ("bla 9-17", "bir gün değil"),
        ("9-11-12", "anlaşılmadı"),
        ("9-9", "sonra olmalı"),
        ("bugün 18 - bugün 14", "sonra olmalı"),
        ("9-şimdi", "beklenen dönüş"),
        ("9-11", "bugün için geçti; “yarın 9-11” ya da “bugün 9-11” yazın"),
        ("x" * 200, "çok uzun"),
    ],
)
def test_what_is_unclear_is_answered_with_what_to_write(written: str, says: str) -> None:
    with pytest.raises(UnclearTime) as unclear:
        parse(written, NOW, ISTANBUL)
    assert says in (unclear.value.turkish or "")
    assert unclear.value.message.endswith(".")
    assert unclear.value.code == "unclear_time"


@given(st.text(max_size=40) | st.text("0123456789:.- +'şimdyarınsaatkbugü", max_size=25))
def test_whatever_is_typed_is_understood_or_refused(written: str) -> None:
    try:
        span = parse(written, NOW, ISTANBUL)
    except UnclearTime:
        return
    assert span.starts.tzinfo is UTC
    assert span.expected_end is None or span.expected_end > span.starts


minutes = st.integers(0, 4_700_000).map(lambda passed: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=passed))


@given(minutes, st.integers(-4000, 60_000), st.none() | st.integers(1, 12_000), st.sampled_from(ZONES), st.booleans())
def test_what_is_shown_is_understood_as_the_same(
    today: datetime, ahead: int, lasts: int | None, zone: ZoneInfo, turkish: bool
) -> None:
    starts = today + timedelta(minutes=ahead)
    span = Span(starts, starts + timedelta(minutes=lasts) if lasts else None)
    assert parse(shown(span, today, zone, "tr" if turkish else "en"), today, zone) == span


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    written = [shown(Span(each), first, berlin) for each in (first, second)]
    assert written == ["bugün 02:30", "bugün 02:30 utc+01:00"]
    assert [parse(text, first, berlin).starts for text in written] == [first, second]
