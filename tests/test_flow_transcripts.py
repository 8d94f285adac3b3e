"""Golden transcripts: a change of what callers hear is seen, and `docs/conversation.md` tells the truth."""

import pytest

from tests.transcribe import FOLDER, PAGE, SCENARIOS, Scenario, page, transcript, transcripts


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_the_call_goes_as_written(scenario: Scenario) -> None:
    written = (FOLDER / f"{scenario.name}.txt").read_text(encoding="utf-8")
    assert await transcript(scenario) == written, "if this is meant, run python -m tests.transcribe"


async def test_the_page_shows_these_calls() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(await transcripts())


def test_no_transcript_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {scenario.name for scenario in SCENARIOS}
