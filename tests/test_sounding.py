"""What a list of prompts that ended too soon tells of what was heard."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calls.journal import Journal
from ivr.sounding import Sounding, Spoken
from prompts.prompt import Prompt

BEGAN = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECONDS = {"greeting": 3.0, "place": 1.0, "cause": 2.0, "until": 4.0}


@pytest.fixture
def sounding() -> Sounding:
    spoken = [Spoken(Prompt(key, "tr", key), Path("/prompts") / key, seconds) for key, seconds in SECONDS.items()]
    return Sounding(spoken, Journal("1", "+905321234567", BEGAN, "ari"), BEGAN)


@pytest.mark.parametrize(
    ("missing", "heard_for_sure"),
    [
        (["place"], ["greeting"]),
        (["cause"], []),  # as well the greeting, a second of whose place went to being late
        (["greeting"], []),
        (["until"], []),  # just as well the greeting
        (["place", "cause"], []),
        (list(SECONDS), []),
    ],
)
def test_what_may_be_missing_does_not_count_as_heard(
    sounding: Sounding, missing: list[str], heard_for_sure: list[str]
) -> None:
    lasted = sum(SECONDS.values()) - sum(SECONDS[key] for key in missing)
    assert not sounding.all_heard(lasted)
    assert sounding.until_missing(lasted) == sum(SECONDS[key] for key in heard_for_sure)


def test_a_late_word_of_the_end_hides_nothing_and_accuses_nobody(sounding: Sounding) -> None:
    assert sounding.all_heard(sum(SECONDS.values()) + 0.4)
    assert not sounding.all_heard(sum(SECONDS.values()) - SECONDS["place"] + 0.4)
