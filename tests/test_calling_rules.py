"""When citizens may be called: hours, holidays, clock changes, spacing, caps and room on the trunk."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialling.calendar import is_public_holiday
from dialling.errors import DiallingError
from dialling.numbers import callable_number
from dialling.rules import SPACING, Hours, Lines, Pace, Rules

ISTANBUL = ZoneInfo("Europe/Istanbul")
ZONES = [ISTANBUL, *map(ZoneInfo, ("Europe/Berlin", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe"))]
MINUTE = timedelta(minutes=1)
moments = st.integers(0, 2 * 365 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
zones = st.sampled_from(ZONES)


def at(text: str, zone: ZoneInfo = ISTANBUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def on_the_wall(hours: Hours, moment: datetime) -> bool:
    """Whether somebody who looks at clock and calendar would say that it is time to call."""
    local = moment.astimezone(hours.zone)
    clock, opens, closes = local.time(), hours.opens, hours.closes
    inside = opens <= clock < closes if opens < closes else clock >= opens or clock < closes
    return inside and not hours.holiday(local.date())


def shown_twice(hours: Hours, moment: datetime) -> bool:
    local = moment.astimezone(hours.zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def even_days_rest(day: date) -> bool:
    return day.toordinal() % 3 == 0


@given(moments, clocks, clocks, zones)
def test_nobody_is_called_when_the_clock_on_the_wall_forbids_it(
    moment: datetime, opens: time, closes: time, zone: ZoneInfo
) -> None:
    hours = Hours(zone, opens, closes, even_days_rest)
    due = hours.next(moment)
    assume(due is not None)
    assert due is not None
    assert due >= moment
    assert hours.allow(due)
    assert on_the_wall(hours, due)


@given(moments, clocks, clocks, zones, st.integers(0, 3000))
def test_no_time_to_call_is_missed(moment: datetime, opens: time, closes: time, zone: ZoneInfo, later: int) -> None:
    """But for hours that the clock shows twice, of which only the safe one counts."""
    hours = Hours(zone, opens, closes, even_days_rest)
    due = hours.next(moment)
    between = moment + later * MINUTE
    assume(not shown_twice(hours, between))
    if due is None or between < due:
        assert not on_the_wall(hours, between)


def test_in_the_evening_and_on_holidays_the_telephone_is_silent() -> None:
    hours = Hours(ISTANBUL, holiday=is_public_holiday)
    assert hours.next(at("2026-11-25 19:59")) == at("2026-11-25 19:59")
    assert hours.next(at("2026-11-25 20:00")) == at("2026-11-26 09:00")
    # the Republic's day is a Thursday
    assert hours.next(at("2026-10-28 20:00")) == at("2026-10-30 09:00")
    # the feast of 2027 from 9 to 11 March
    assert hours.next(at("2027-03-09 10:00")) == at("2027-03-12 09:00")


def test_a_night_across_midnight_stops_where_a_holiday_begins() -> None:
    hours = Hours(ISTANBUL, time(22), time(2), lambda day: day == date(2026, 10, 29))
    assert hours.allow(at("2026-10-28 23:59"))
    assert hours.next(at("2026-10-29 00:00")) == at("2026-10-30 00:00")
    assert hours.allow(at("2026-10-30 01:59"))
    assert hours.next(at("2026-10-30 02:00")) == at("2026-10-30 22:00")


def test_the_hour_that_is_skipped_in_spring_and_the_one_that_comes_twice_in_autumn() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    opening = Hours(berlin, time(2, 30), time(5))
    assert opening.next(at("2027-03-28 00:00", berlin)) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert opening.next(at("2026-10-25 00:00", berlin)) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    closing = Hours(berlin, time(1), time(2, 30))
    assert closing.allow(datetime(2026, 10, 25, 0, 29, tzinfo=UTC))
    assert not closing.allow(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert not closing.allow(datetime(2026, 10, 25, 1, 0, tzinfo=UTC))


@given(moments, st.integers(1, 8), st.integers(0, 6), moments)
def test_an_attempt_comes_after_its_pause_within_hours_and_not_too_often(
    last: datetime, made: int, today: int, until: datetime
) -> None:
    rules = Rules(Hours(ISTANBUL, holiday=is_public_holiday))
    due = rules.next_attempt(last, made, today, until, now=last)
    if made >= rules.attempts:
        assert due is None
    if due is not None:
        assert due >= last + SPACING[made - 1]
        assert due < until
        assert rules.hours.allow(due)
        assert today < rules.a_day or due >= rules.hours.day_after(last)


def test_the_pauses_grow() -> None:
    assert list(SPACING) == sorted(SPACING)
    assert SPACING[0] > timedelta()


@given(st.integers(1, 200), st.floats(0, 1), st.integers(1, 50), st.integers(0, 300), st.integers(0, 60))
def test_the_share_of_those_who_call_us_stays_free(
    channels: int, reserved: float, at_once: int, in_use: int, ours: int
) -> None:
    room = Lines(channels, reserved, at_once).room(in_use, ours)
    assert room >= 0
    if room:
        assert channels - in_use - room >= channels * reserved
        assert ours + room <= at_once


@given(st.floats(0.05, 20), st.lists(st.floats(0, 3), min_size=2, max_size=60))
def test_calls_are_placed_no_faster_than_set(per_second: float, pauses: list[float]) -> None:
    pace, clock, placed = Pace(per_second), 100.0, 0
    for pause in pauses:
        clock += pause
        placed += pace.allowed(clock, 100)
    # what is placed at the last moment belongs to the time after it
    assert placed <= (clock - 100.0) * per_second + max(1, int(per_second)) + 1e-6


@pytest.mark.parametrize("number", ["0532 123 45 67", "+90 262 331 00 00", "00905321234567"])
def test_landlines_and_mobiles_in_the_country_are_called(number: str) -> None:
    assert callable_number(number).startswith("+90")


@pytest.mark.parametrize(
    "number",
    ["0900 123 45 67", "0800 123 45 67", "444 12 34", "112", "+49 151 12345678", "0392 228 12 34", "", "x", "5" * 99],
)
def test_nothing_that_costs_extra_or_is_abroad_is_called(number: str) -> None:
    with pytest.raises(DiallingError) as refused:
        callable_number(number)
    assert refused.value.code == "not_callable"
