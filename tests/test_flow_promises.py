"""Who hears of an outage is offered a call at its end, once, and only where calls are made."""

import pytest

from callflows.desk import Wish
from tests.hotline_world import CALLER, YENI, board, dial, fault, planned

OFFER = "restoration.offer"


async def test_the_caller_says_yes_and_it_is_kept() -> None:
    line = await dial("1", knows=YENI, calls_back=True, then="hang_up")
    assert line.desk.wishes == [Wish(CALLER, YENI, 1, "tr")]
    said = line.keys_said
    assert said.index(OFFER) + 1 == said.index("restoration.thanks")
    assert said.index("menu.after") > said.index(OFFER) > said.index("welcome.short") + 1


@pytest.mark.parametrize("keys", ["2", "-", "7"])
async def test_anything_but_one_is_a_no(keys: str) -> None:
    line = await dial(keys, knows=YENI, calls_back=True, then="hang_up")
    assert line.desk.wishes == []
    assert line.keys_said.count(OFFER) == 1


async def test_it_is_offered_once_in_a_call() -> None:
    line = await dial("2 1 432 1 1 2", knows=YENI, calls_back=True, then="hang_up")
    assert line.keys_said.count(OFFER) == 1


@pytest.mark.parametrize(
    "world",
    [
        {"calls_back": False},
        {"number": None},
        {"on": board(planned())},
        {"on": board(fault(), mass_call=True)},
    ],
)
async def test_where_it_cannot_be_kept_it_is_not_offered(world: dict[str, object]) -> None:
    line = await dial("", **({"knows": YENI, "calls_back": True, "then": "hang_up"} | world))  # type: ignore[arg-type]
    assert OFFER not in line.keys_said


async def test_who_presses_on_during_the_answer_gets_the_menu() -> None:
    line = await dial("2", knows=YENI, calls_back=True, eager=True, then="hang_up")
    assert OFFER not in line.keys_said
    assert "hazard.question" in line.keys_said


async def test_who_wants_no_calls_is_told_so() -> None:
    line = await dial("1", knows=YENI, calls_back=True, opted_out=True, then="hang_up")
    assert (line.desk.wishes, "restoration.opted_out" in line.keys_said) == ([], True)


async def test_with_the_database_away_nothing_is_promised() -> None:
    line = await dial("1", knows=YENI, calls_back=True, down=True, then="hang_up")
    assert "restoration.failed" in line.keys_said
    assert "restoration.thanks" not in line.keys_said
