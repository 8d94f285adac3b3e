"""The calls of this moment: what callers do and hear, counted without anything that is one caller's own."""

from datetime import timedelta

import pytest

from callflows.scripted import ScriptedCall
from calls.hearing import State, phrase_of, state_at, state_of
from calls.journal import Heard, Journal, Outcome
from calls.live import MOST_PHRASES, Arrivals, LiveCalls, count, shifted, total
from tests.hotline_world import CALLER, CATALOGUE, FATIH_IZMIT, GEBZE, NOON, YENI, Line, board, dial, fault
from tests.outage_world import Clock


def after(*heard: str, outcome: Outcome = Outcome.gave_up, **facts: object) -> Journal:
    journal = Journal("1.0-aa", CALLER, NOON, "ari", outcome=outcome, **facts)  # type: ignore[arg-type]
    journal.heard = [Heard(NOON, key, f"text of {key}") for key in heard]
    return journal


@pytest.mark.parametrize(
    ("journal", "state"),
    [
        (after(), State.menu),
        (after("welcome.short", "menu.main"), State.menu),
        (after("menu.main.short"), State.menu),
        (after("area.here", "outage.off"), State.answer),
        (after("menu.after", "broadcast.text"), State.answer),
        (after("info.menu"), State.menu),
        (after("info.menu", "info.bill"), State.answer),
        (after("hazard.question.short"), State.fault),
        (after("hazard.question", "hazard.person"), State.person),
        (after("fault.which", "record.notice"), State.fault),
        (after("menu.main", "record.notice"), State.person),
        (after("record.notice"), State.person),
        (after("record.notice", "number.5"), State.fault),
        (after("menu.main", "transfer.connecting", outcome=Outcome.transferred), State.person),
        (after("error.apology", outcome=Outcome.failed), State.person),
    ],
    ids=lambda value: value.heard[-1].key if isinstance(value, Journal) and value.heard else str(value),
)
def test_where_a_caller_is_can_be_told_from_what_they_hear(journal: Journal, state: State) -> None:
    assert state_of(journal) is state


def test_every_menu_and_every_answer_of_the_catalogue_counts_as_one() -> None:
    states = {prompt.key: state_at(prompt.key) for prompt in CATALOGUE.statics()}
    asked = {key for key in states if key.startswith(("menu.", "info.menu", "area.which", "choice."))}
    assert {states[key] for key in asked} == {State.menu}
    assert {states[key] for key in states if key.startswith(("outage.", "board."))} == {State.answer}
    assert set(states.values()) == set(State)


async def seen(keys: str, **options: object) -> list[LiveCalls]:
    """The wall at every question of a call."""
    shots: list[LiveCalls] = []
    here = options.get("on") or board(fault())

    def look(call: ScriptedCall, _: str) -> None:
        shots.append(count([call.journal], Arrivals(Clock(NOON)), here, call.clock.now()))  # type: ignore[arg-type]

    await dial(keys, on_question=look, **options)  # type: ignore[arg-type]
    return shots


async def test_a_caller_who_hears_about_an_outage_counts_for_it() -> None:
    shots = await seen("!", knows=YENI)
    assert shots[-1].outages == {1: 1}
    assert shots[-1].areas == {YENI: 1}
    assert shots[-1].states == {State.answer: 1}


def test_an_outage_of_an_earlier_place_no_longer_counts() -> None:
    told = {"outage_ids": [1], "outcome": Outcome.served}
    here = count([after("outage.off", area_id=YENI, **told)], Arrivals(Clock(NOON)), board(fault()), NOON)
    elsewhere = count([after("outage.none", area_id=FATIH_IZMIT, **told)], Arrivals(Clock(NOON)), board(fault()), NOON)
    assert (here.outages, elsewhere.outages) == ({1: 1}, {})
    assert elsewhere.states == {State.answer: 1}


async def test_a_number_that_is_read_back_is_nobody_elses_to_see() -> None:
    for heard in range(1, 40):
        line: Line = await dial("2 2 3 1 1 R 1 1 2 05321112233 # 1", number="+905559998877", knows=GEBZE)
        journal = line.call.journal
        journal.heard = journal.heard[:heard]
        shown = count([journal], Arrivals(Clock(NOON)), board(fault()), NOON).model_dump_json()
        assert "number." not in shown
        assert "5559998877" not in shown
    assert any(h.key.startswith("number.") for h in line.call.journal.heard)


def test_figures_are_hidden_with_their_keys() -> None:
    assert phrase_of(after("ticket.opened", "number.532")) == ("number", "")
    assert phrase_of(after("outage.none")) == ("outage.none", "text of outage.none")


def test_what_most_callers_hear_comes_first_and_rare_phrases_are_left_out() -> None:
    journals = [after(f"outage.{n}") for n in range(60)] + [after("outage.off")] * 3
    hearing = count(journals, Arrivals(Clock(NOON)), board(), NOON).hearing
    assert (hearing[0].key, hearing[0].callers) == ("outage.off", 3)
    assert len(hearing) == MOST_PHRASES


def test_calls_per_minute_are_those_of_the_clock() -> None:
    clock = Clock(NOON)
    arrivals = Arrivals(clock)
    for calls in (3, 0, 2):
        for _ in range(calls):
            arrivals.arrived()
        clock.forward(timedelta(seconds=60))
    arrivals.arrived()
    assert arrivals.per_minute()[-4:] == (3, 0, 2, 1)
    assert len(arrivals.per_minute()) == 60
    clock.forward(timedelta(seconds=59))
    assert arrivals.last_minute() == 1
    clock.forward(timedelta(seconds=1))
    assert arrivals.last_minute() == 0
    clock.forward(timedelta(minutes=60))
    assert sum(arrivals.per_minute()) == 0


def test_an_hour_of_calls_is_all_that_is_kept() -> None:
    clock = Clock(NOON)
    arrivals = Arrivals(clock)
    for _ in range(2 * 3600 + 500):
        arrivals.arrived()
        clock.forward(timedelta(seconds=1))
    assert len(arrivals._seconds) <= 3600 + 1
    assert arrivals.last_minute() == 59
    assert sum(arrivals.per_minute()) >= 59 * 60


def test_several_processes_add_up() -> None:
    arrivals = Arrivals(Clock(NOON))
    arrivals.arrived()
    first = count([after("outage.off", area_id=YENI, outage_ids=[1])], arrivals, board(fault()), NOON)
    second = count([after("outage.off"), after("menu.main", language="en")], arrivals, board(fault()), NOON)
    both = total([first, second])
    assert (both.calls, both.last_minute, both.per_minute[-1]) == (3, 2, 2)
    assert both.states == {State.answer: 2, State.menu: 1}
    assert [(p.key, p.callers) for p in both.hearing] == [("outage.off", 2), ("menu.main", 1)]
    assert (both.outages, both.areas, both.languages) == ({1: 1}, {YENI: 1}, {"tr": 2, "en": 1})
    assert both.drivers == {"ari": 3}
    assert total([]).per_minute == (0,) * 60


def test_minutes_that_another_process_told_before_the_minute_turned_stay_where_they_belong() -> None:
    told = LiveCalls(per_minute=(*range(59), 7))
    assert shifted(told, NOON, NOON + timedelta(seconds=59)) == told
    assert shifted(told, NOON, NOON + timedelta(seconds=61)).per_minute[-2:] == (7, 0)
