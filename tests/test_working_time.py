"""Only the hours in which a unit works count against it: nights, weekends and Turkish holidays do not."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tickets.errors import TicketError
from tickets.working_time import OFFICE, Calendar, calendar

ISTANBUL = ZoneInfo("Europe/Istanbul")
HOUR = timedelta(hours=1)
office = calendar(OFFICE, ISTANBUL)  # 08:30 to 17:30 from Monday to Friday


def local(text: str, zone: ZoneInfo = ISTANBUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-25T09:00", 2, "2026-11-25T11:00"),
        ("2026-11-25T17:00", 1, "2026-11-26T09:00"),
        ("2026-11-25T03:00", 1, "2026-11-25T09:30"),
        ("2026-11-27T17:00", 1, "2026-11-30T09:00"),  # over a weekend
        ("2026-10-28T12:00", 2, "2026-10-30T09:30"),  # 28 October ends at 13:00, the 29th is Republic Day
        ("2026-05-25T17:00", 5.5, "2026-06-01T09:00"),  # the eve and all of Kurban Bayramı, then a weekend
        ("2027-03-08T12:00", 2, "2027-03-12T09:30"),  # the eve of Ramazan Bayramı ends at 13:00
    ],
)
def test_working_hours_pass(start: str, hours: float, end: str) -> None:
    assert office.after(local(start), hours * HOUR) == local(end)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        ("2025-03-30", 3), ("2025-06-06", 4), ("2026-03-20", 3), ("2026-05-27", 4), ("2027-03-09", 3),
        ("2027-05-16", 4), ("2028-02-26", 3), ("2028-05-05", 4), ("2029-02-14", 3), ("2029-04-24", 4),
        ("2030-02-04", 3), ("2030-04-13", 4),
    ],
)  # fmt: skip
def test_religious_holidays_are_those_of_the_presidency_of_religious_affairs(first: str, days: int) -> None:
    every_day = calendar({str(day): [["00:00", "24:00"]] for day in range(7)}, ISTANBUL)
    start = date.fromisoformat(first)
    for ahead in range(days):
        noon = datetime.combine(start + timedelta(days=ahead), datetime.min.time(), ISTANBUL) + 12 * HOUR
        assert not every_day.on_duty(noon), noon
    eve = datetime.combine(start - timedelta(days=1), datetime.min.time(), ISTANBUL)
    assert every_day.on_duty(eve + 12 * HOUR) == (eve.strftime("%m-%d") != "04-23")  # a holiday of its own
    assert not every_day.on_duty(eve + 14 * HOUR)


def test_a_unit_without_hours_always_works() -> None:
    always = calendar(None, ISTANBUL)
    assert always.on_duty(local("2026-10-29T03:00"))
    assert always.after(local("2026-10-29T03:00"), HOUR) == local("2026-10-29T04:00")


def test_a_day_on_which_clocks_change_has_the_hours_that_it_has() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # Türkiye keeps one time all year; this calendar must not depend on it
    nights = calendar({str(day): [["00:00", "08:00"]] for day in range(7)}, berlin)
    assert nights.after(local("2026-03-29T00:00", berlin), 7 * HOUR) == local("2026-03-29T08:00", berlin)


@given(
    some.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 1)),  # noqa: DTZ001
    some.integers(1, 6000),
    some.integers(1, 6000),
)
def test_time_adds_up(start: datetime, first: int, second: int) -> None:
    begins = start.replace(tzinfo=UTC)
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    end = office.after(begins, one + two)
    assert end == office.after(office.after(begins, one), two)
    assert end >= begins + one + two
    assert office.on_duty(end - timedelta(seconds=1))


@pytest.mark.parametrize(
    "week",
    [{}, {"7": [["08:00", "09:00"]]}, {"0": [["09:00", "08:00"]]}, {"0": [["x", "y"]]}, {"0": [["08:00"]]}, {"0": []}],
)
def test_hours_that_make_no_sense_are_refused(week: dict[str, list[list[str]]]) -> None:
    with pytest.raises(TicketError) as refused:
        calendar(week, ISTANBUL)
    assert refused.value.code == "bad_hours"


def test_a_calendar_without_any_hours_still_ends() -> None:
    never = Calendar(((),) * 7, ISTANBUL)
    assert never.after(local("2026-11-25T09:00"), HOUR) == local("2026-11-25T10:00")
