"""What a citizen hears whom we call, and what is kept of their answer."""

import itertools

import pytest

from calls.journal import Outcome
from dialling.kinds import Verdict, Why
from tests.hotline_world import board, planned
from tests.transcribe_calls_back import (
    FOLDER,
    OWN,
    PAGE,
    PLACES,
    SCENARIOS,
    Asked,
    InQueue,
    Scenario,
    leave_queue,
    page,
    place_transcript,
    ring,
    transcript,
    transcripts,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_the_call_goes_as_written(scenario: Scenario) -> None:
    written = (FOLDER / f"{scenario.name}.txt").read_text(encoding="utf-8")
    assert await transcript(scenario) == written, "if this is meant, run python -m tests.transcribe_calls_back"


@pytest.mark.parametrize("scenario", PLACES, ids=lambda scenario: scenario.name)
async def test_who_leaves_the_queue_is_talked_to_as_written(scenario: Scenario) -> None:
    written = (FOLDER / f"{scenario.name}.txt").read_text(encoding="utf-8")
    assert await place_transcript(scenario) == written, "if this is meant, run python -m tests.transcribe_calls_back"


@pytest.mark.parametrize("number", [OWN, None])
async def test_whoever_leaves_the_queue_has_a_place_or_is_back_in_it(number: str | None) -> None:
    for keys in itertools.product("0129*-!", repeat=4):
        place = InQueue()
        line = await leave_queue("".join(keys), place, number)
        assert line.call.ended
        assert "offer.person" not in line.keys_said
        assert len(place.kept) + len(line.call.notes) <= 1
        assert "!" in keys or len(place.kept) + len(line.call.notes) == 1


async def test_the_page_shows_these_calls() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(await transcripts())


def test_no_transcript_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {scenario.name for scenario in (*SCENARIOS, *PLACES)}


@pytest.mark.parametrize("why", Why)
async def test_nothing_personal_is_said_before_somebody_wants_to_talk(why: Why) -> None:
    line = await ring("", Asked(why))
    said = set(line.keys_said)
    assert said <= {
        "call_back.hello",
        f"call_back.about.{why}",
        "call_back.confirm",
        "call_back.confirm.short",
        "call_back.later",
        "offer.person",
    }


@pytest.mark.parametrize("why", Why)
async def test_whatever_is_pressed_the_call_ends_and_at_most_one_verdict_is_kept(why: Why) -> None:
    for keys in itertools.product("0129*-!", repeat=4):
        errand = Asked(why)
        line = await ring("".join(keys), errand)
        assert line.call.ended
        assert len(errand.verdicts) <= 1
        assert line.call.elapsed < 180


async def test_who_hangs_up_after_the_answer_has_answered_and_before_it_has_not() -> None:
    before, after = Asked(), Asked()
    early, late = await ring("1!", before), await ring("11!", after)
    assert (before.verdicts, early.call.journal.outcome) == ([], Outcome.gave_up)
    assert (after.verdicts, late.call.journal.outcome) == ([Verdict.solved], Outcome.served)


@pytest.mark.parametrize(("keys", "eager", "verdicts"), [("1!", False, [Verdict.told]), ("19!", True, [])])
async def test_the_news_is_told_once_it_was_heard_to_its_end(keys: str, eager: bool, verdicts: list[Verdict]) -> None:
    errand = Asked(Why.planned_notice)
    await ring(keys, errand, board(planned()), eager=eager)
    assert errand.verdicts == verdicts


async def test_the_news_is_heard_again_by_the_star() -> None:
    line = await ring("1**-", Asked(Why.planned_notice), board(planned()))
    assert line.keys_said.count("outage.none") == 3


async def test_thanks_are_said_only_for_what_is_kept() -> None:
    with pytest.raises(OSError, match="away"):
        await ring("12", Asked(broken=True))


async def test_the_first_sentence_says_who_calls() -> None:
    line = await ring("!", Asked())
    assert "Alo yüz seksen beş" in line.texts[0]
