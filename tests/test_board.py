"""What the board answers about one place at one moment."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outages.board import LATELY, NEXT, AreaView, Board, BroadcastView, OutageView
from tests.outage_world import HOUR, START

GEBZE, YENI, BARIS, OSB, KORFEZ, ATA = 1, 11, 12, 13, 2, 21
AREAS = {
    GEBZE: AreaView(GEBZE, "district", "Gebze", "Gebze", None, "43293", 1),
    YENI: AreaView(YENI, "neighbourhood", "Yeni Mahalle", "Yeni Mahalle", GEBZE, "9364", 102),
    BARIS: AreaView(BARIS, "neighbourhood", "Barış", "Barış Mahallesi", GEBZE, "22747", 101),
    OSB: AreaView(OSB, "industrial_zone", "Gebze OSB", "Gebze Organize Sanayi Bölgesi", GEBZE, "43293672", 103),
    KORFEZ: AreaView(KORFEZ, "district", "Körfez", "Körfez", None, "567339", 2),
    ATA: AreaView(ATA, "neighbourhood", "Atalar", "Atalar Mahallesi", KORFEZ, "282527", 201),
}


def outage(number: int, *areas: int, **given: object) -> OutageView:
    made = OutageView(number, "fault", "pipe_burst", frozenset(areas), START - HOUR, START + HOUR, None)
    return replace(made, **given)  # type: ignore[arg-type]


def board(*outages: OutageView, **given: object) -> Board:
    return replace(Board(version=1, made=START, areas=AREAS, outages=outages), **given)  # type: ignore[arg-type]


def ids(found: list[OutageView]) -> list[int]:
    return [each.id for each in found]


def test_a_neighbourhood_hears_its_own_and_its_districts_outages() -> None:
    told = board(outage(1, YENI), outage(2, GEBZE), outage(3, BARIS), outage(4, ATA))
    assert ids(told.current(YENI, START)) == [1, 2]
    assert ids(told.current(GEBZE, START)) == [1, 2, 3]
    assert ids(told.current(ATA, START)) == [4]


def test_an_outage_of_a_district_and_one_of_its_neighbourhoods_is_said_once() -> None:
    assert ids(board(outage(1, YENI, GEBZE)).current(YENI, START)) == [1]


def test_a_passed_estimate_does_not_bring_the_water_back() -> None:
    late = outage(1, YENI, expected_end=START - timedelta(minutes=1))
    assert ids(board(late).current(YENI, START)) == [1]
    assert late.late_at(START)
    assert not outage(1, YENI).late_at(START)


def test_work_ahead_is_told_for_three_days_and_soonest_first() -> None:
    told = board(
        outage(1, YENI, starts=START + 50 * HOUR),
        outage(2, GEBZE, starts=START + HOUR),
        outage(3, YENI, starts=START + NEXT + HOUR),
    )
    assert ids(told.upcoming(YENI, START)) == [2, 1]
    assert told.current(YENI, START) == []


def test_what_was_restored_lately_is_told_latest_first() -> None:
    told = board(
        outage(1, YENI, starts=START - 9 * HOUR, ended=START - 5 * HOUR),
        outage(2, YENI, starts=START - 9 * HOUR, ended=START - HOUR),
        outage(3, YENI, starts=START - 9 * HOUR, ended=START - LATELY - HOUR),
    )
    assert ids(told.restored(YENI, START)) == [2, 1]


def test_the_most_affected_district_is_offered_first() -> None:
    told = board(outage(1, ATA), outage(2, YENI, BARIS))
    assert [d.id for d in told.affected_districts(START)] == [GEBZE, KORFEZ]
    whole = board(outage(1, KORFEZ), outage(2, YENI))
    assert [d.id for d in whole.affected_districts(START)] == [KORFEZ, GEBZE]
    assert board().affected_districts(START) == []


def test_affected_neighbourhoods_are_those_that_are_named() -> None:
    told = board(outage(1, GEBZE), outage(2, OSB), outage(3, BARIS))
    assert [a.id for a in told.affected_neighbourhoods(GEBZE, START)] == [BARIS, OSB]
    assert told.district_wide(GEBZE, START)
    assert not told.district_wide(KORFEZ, START)


def test_a_broadcast_is_played_until_it_ends_to_those_it_is_for() -> None:
    city = BroadcastView(1, {"tr": "Su içmeyin."}, None, START + HOUR)
    gebze = BroadcastView(2, {"tr": "Gebze'de su içmeyin."}, GEBZE, START + HOUR)
    told = board(broadcasts=(city, gebze))
    assert told.broadcasts_now(START) == [city]
    assert told.broadcasts_now(START, GEBZE) == [city, gebze]
    assert told.broadcasts_now(START + HOUR, GEBZE) == []


def test_a_caller_remembered_with_a_merged_area_is_in_its_successor() -> None:
    told = board(merged={99: YENI})
    assert told.area(99) == AREAS[YENI]
    assert told.area(98) is None


def test_an_outage_of_an_unknown_area_harms_nobody() -> None:
    told = board(outage(1, 999), outage(2, YENI))
    assert ids(told.current(YENI, START)) == [2]
    assert told.current(999, START) == []


moments = st.integers(-100, 100).map(lambda hours: START + hours * HOUR)
views = st.builds(
    lambda number, areas, starts, lasts, ended: outage(
        number, *areas, starts=starts, expected_end=starts + lasts, ended=starts + lasts if ended else None
    ),
    st.integers(1, 99),
    st.sets(st.sampled_from(list(AREAS)), min_size=1),
    moments,
    st.integers(1, 50).map(lambda hours: hours * HOUR),
    st.booleans(),
)


@given(st.lists(views, max_size=6, unique_by=lambda view: view.id), moments)
def test_every_outage_is_now_ahead_or_over_and_never_two_of_them(outages: list[OutageView], now: datetime) -> None:
    told = board(*outages)
    for area in AREAS:
        now_, ahead, over = (
            set(ids(told.current(area, now))),
            set(ids(told.upcoming(area, now))),
            set(ids(told.restored(area, now))),
        )
        assert len(now_ | ahead | over) == len(now_) + len(ahead) + len(over)
        assert {view.id for view in outages if area in view.area_ids and view.off_at(now)} <= now_
    affected = {district.id for district in told.affected_districts(now)}
    assert affected == {d.id for d in told.districts if told.current(d.id, now)}


@given(st.lists(views, max_size=6, unique_by=lambda view: view.id), st.lists(moments, min_size=2, max_size=6))
def test_a_board_that_was_asked_before_says_what_a_fresh_one_does(
    outages: list[OutageView], asked: list[datetime]
) -> None:
    told = board(*outages)
    for now in asked:
        assert told.affected_districts(now) == board(*outages).affected_districts(now)
        for district in told.districts:
            within = [a for a in told.within(district.id) if any(o.off_at(now) and a.id in o.area_ids for o in outages)]
            assert told.affected_neighbourhoods(district.id, now) == within
