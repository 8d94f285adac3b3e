"""Nothing is said that nobody rendered: whatever the board, the minute and the keys."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from callflows.moments import moment_prompts
from callflows.numbers import MINUTES, number_prompts, telephone, ticket_number
from callflows.speech import announcement, area_prompts, prompts_for
from outages.board import Board, BroadcastView, OutageView
from prompts.prompt import LANGUAGES, Prompt
from tests.flow_walk import random_call
from tests.hotline_world import (
    AREAS,
    CALLER,
    CATALOGUE,
    FATIH_GEBZE,
    FATIH_IZMIT,
    GEBZE,
    NOON,
    YENI,
    Line,
    board,
    dial,
    fault,
    planned,
)

MIDNIGHT = NOON + timedelta(hours=12)


def rendered(on: Board, now: datetime) -> set[str]:
    numbers = [prompt for language in LANGUAGES for prompt in number_prompts(language)]
    numbers += [prompt for language in LANGUAGES for prompt in moment_prompts(language)]
    prompts = [*CATALOGUE.statics(), *numbers, *area_prompts(on), *prompts_for(on, now, CATALOGUE)]
    return {prompt.digest for prompt in prompts}


def unrendered(line: Line, on: Board, now: datetime) -> list[Prompt]:
    ready = rendered(on, now)
    return [prompt for prompt in line.call.said() if replace(prompt, pace="normal").digest not in ready]


minutes = st.integers(-5 * 1440, 5 * 1440).map(lambda m: timedelta(minutes=m))
texts = st.sampled_from(
    [{}, {"tr": "Saat 17:00'de 3 tanker gelecek."}, {"tr": "Okullar tatil.", "en": "Schools are closed."}]
)


@st.composite
def outages(draw: st.DrawFn) -> OutageView:
    starts = NOON + draw(minutes)
    length = timedelta(minutes=draw(st.integers(1, 3000)))
    open_ended = draw(st.booleans())
    return OutageView(
        id=draw(st.integers(1, 9)),
        kind=draw(st.sampled_from(["fault", "planned"])),
        cause=draw(st.sampled_from(["network_fault", "maintenance", "martians"])),
        area_ids=frozenset(draw(st.sets(st.sampled_from([*AREAS, 9999]), min_size=1, max_size=6))),
        starts=starts,
        expected_end=None if open_ended else starts + length,
        ended=draw(st.none() | st.just(starts + timedelta(minutes=draw(st.integers(1, 3000))))),
        tanker_points=draw(st.sampled_from([None, "Cumhuriyet Cad. No:5, 17 Ağustos Parkı"])),
        announcement=draw(texts),
        streets=draw(st.sampled_from([{}, {YENI: "Okul Cad.", GEBZE: "3. Sokak"}])),
        crew=draw(st.sampled_from([None, "on_site", "abducted"])),
    )


alarms = st.builds(
    BroadcastView,
    id=st.integers(1, 3),
    text=st.sampled_from([{"tr": "Suyu kaynatmadan içmeyin."}, {"tr": "Baskın var.", "en": "There is a flood."}]),
    district_id=st.sampled_from([None, GEBZE]),
    ends=minutes.map(lambda ahead: NOON + ahead),
)
starts_of_calls = st.sampled_from([NOON, MIDNIGHT, MIDNIGHT + timedelta(hours=5)]).flatmap(
    lambda at: st.integers(-16, 3).map(lambda m: at + timedelta(minutes=m))
)


@settings(max_examples=150, deadline=None)
@given(
    off=st.lists(outages(), max_size=5, unique_by=lambda o: o.id),
    alarm=st.lists(alarms, max_size=2, unique_by=lambda b: b.id),
    prepared=starts_of_calls,
    later=st.integers(0, 10) | st.integers(0, 23 * 60),
    seed=st.integers(0, 10_000),
    knows=st.sampled_from([None, YENI, FATIH_IZMIT, GEBZE]),
    mass=st.booleans(),
)
async def test_everything_that_is_said_was_rendered_before(
    off: list[OutageView],
    alarm: list[BroadcastView],
    prepared: datetime,
    later: int,
    seed: int,
    knows: int | None,
    mass: bool,
) -> None:
    on = board(*off, broadcasts=alarm, mass_call=mass, made=prepared)
    line = await random_call(seed, on=on, at=prepared + timedelta(minutes=later), knows=knows)
    assert unrendered(line, on, prepared) == []


async def test_day_words_are_ready_across_midnight() -> None:
    on = board(fault(expected_end=MIDNIGHT + timedelta(hours=9)), made=MIDNIGHT - timedelta(minutes=8))
    line = await dial("!", on, knows=YENI, at=MIDNIGHT + timedelta(minutes=3))
    assert "Suyun bugün saat dokuzda verilmesi bekleniyor." in line.texts
    assert unrendered(line, on, MIDNIGHT - timedelta(minutes=8)) == []


async def test_a_board_without_database_says_how_old_it_is() -> None:
    on = board(fault(), made=NOON - timedelta(hours=2))
    line = await dial("!", on, knows=YENI)
    assert "Suyun bugün saat on yedide verilmesi bekleniyor." in line.texts
    assert "Bu bilgi en az bir saat öncesine ait, değişmiş olabilir." in line.texts


async def test_a_board_of_yesterday_promises_no_hours() -> None:
    on = board(fault(expected_end=NOON + timedelta(hours=20)), made=NOON)
    line = await dial("!", on, knows=YENI, at=MIDNIGHT + timedelta(hours=1))
    assert "şebeke arızası nedeniyle su kesintisi var." in line.texts
    assert "outage.until" not in line.keys_said
    assert "Bu bilgi en az altı saat öncesine ait, değişmiş olabilir." in line.texts


def test_numbers_are_joined_from_few_pieces() -> None:
    for language in LANGUAGES:
        pieces = {prompt.digest for prompt in number_prompts(language)}
        assert len(pieces) <= 125 + len(MINUTES)
        for serial in (0, 7, 42, 100, 217, 4217, 123456, 999999):
            assert {p.digest for p in ticket_number(f"26-{serial:06}", language)} <= pieces
        for number in ("+905321234567", "+902621000909", "+4915112345678"):
            assert {p.digest for p in telephone(number, language)} <= pieces


def words(prompts: list[Prompt]) -> str:
    return " ".join(prompt.text for prompt in prompts)


def test_numbers_are_read_in_groups() -> None:
    assert words(ticket_number("26-004217", "tr")) == "yirmi altı, sıfır sıfır dört, iki yüz on yedi,"
    assert words(ticket_number("26-004217", "en")) == "two six, zero zero four, two one seven,"
    assert words(telephone(CALLER, "tr")) == "sıfır, beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi,"


def test_telephone_numbers_can_be_told_from_other_words_in_the_records() -> None:
    assert {prompt.key for prompt in telephone(CALLER, "tr")} == {"private.number"}


def test_the_announcement_for_a_dead_service_names_every_outage() -> None:
    text = words(announcement(board(fault(), fault(2, (FATIH_GEBZE, FATIH_IZMIT)), planned(3)), NOON, CATALOGUE))
    for place in ("Yeni Mahalle'de", "Gebze ilçesi, Fatih Mahallesi'nde", "Izmit ilçesi, Fatih Mahallesi'nde"):
        assert place in text
    assert "planlı" not in text


def test_the_announcement_without_outages_says_so() -> None:
    assert [p.key for p in announcement(board(planned()), NOON, CATALOGUE)] == ["fallback.no_outage_known"]


def test_the_announcement_never_promises_what_has_passed() -> None:
    """It may be played hours later, when nobody can make a new one."""
    text = words(announcement(board(fault()), NOON, CATALOGUE))
    assert "bugün" not in text
