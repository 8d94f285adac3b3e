"""Callers who are found by their number or telephone hear about their place, and nothing else that is on file."""

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callflows.call import CallEnded, Caller
from callflows.conversation import MOST_NUMBERS
from callflows.hotline import hotline
from callflows.numbers import number_prompts
from callflows.scripted import ScriptedCall, VirtualClock
from callflows.speech import area_prompts, prompts_for
from calls.memory import CallerMemory
from calls.rows import row_of
from ivr.hotline_desk import CallRate, HotlineDesk
from ivr.subscribing import Subscribing
from outages.board import Board
from prompts.prompt import LANGUAGES
from storage.database import Database
from storage.errors import advice
from subscribers.directory import Directory
from tests.flow_walk import every_call, random_call
from tests.hotline_world import CALLER, CATALOGUE, NOON, YENI, Line, TestDesk, board, dial, fault, planned
from tests.outage_world import Clock
from tests.subscriber_world import SECRET, add_subscribers, facts

AYSE = "4532170"
KNOWN = {AYSE: YENI}
QUIET = board(planned())


def spoken(line: Line) -> str:
    return " ".join(line.texts)


async def test_the_number_brings_the_places_outages_at_once() -> None:
    line = await dial(f"1 # {AYSE}# !", board(fault(areas=(YENI, 101))), subscribers=KNOWN)
    keys = line.keys_said
    assert keys[keys.index("area.number_looking") + 1] == "area.here"
    assert "area.confirm" not in keys
    assert "Gebze ilçesi, Yeni Mahalle'de şebeke arızası nedeniyle su kesintisi var." in spoken(line)
    assert line.call.journal.area_id == YENI


async def test_it_may_be_typed_wherever_a_place_is_asked_for() -> None:
    by_name = await dial(f"1 # {AYSE}# !", board(fault()), subscribers=KNOWN)
    assert "area.districts" in by_name.keys_said
    in_district = await dial(f"1 432 # {AYSE}# !", QUIET, subscribers=KNOWN)
    report = await dial(f"2 2 3 # {AYSE}# R 1 1 #", QUIET, subscribers=KNOWN)
    assert [line.call.journal.area_id for line in (by_name, in_district, report)] == [YENI] * 3
    assert report.desk.reports[0].area_id == YENI


async def test_it_is_offered_only_where_there_is_anybody_to_be_found() -> None:
    assert "area.by_number" in (await dial("1 !", QUIET, subscribers=KNOWN)).keys_said
    nobody = await dial("1 # !", QUIET)
    assert "area.by_number" not in nobody.keys_said
    assert "area.number_enter" not in nobody.keys_said


@pytest.mark.parametrize(
    ("named", "offered"), [((YENI,), True), ((YENI, 201, 301), True), ((YENI, 201, 301, 401), False)]
)
async def test_it_is_offered_beside_named_districts_as_long_as_five_choices_are_enough(
    named: tuple[int, ...], offered: bool
) -> None:
    line = await dial("1 - !", board(fault(areas=named)), subscribers=KNOWN)
    first, again = [index for index, key in enumerate(line.keys_said) if key == "area.other_district"]
    assert ("area.by_number" in line.keys_said[first:again]) is offered
    assert "area.by_number" not in line.keys_said[again:], "the shorter question repeats the places only"
    by_letters = await dial("1 5 !", board(fault(areas=named)), subscribers=KNOWN)
    assert "area.by_number" in by_letters.keys_said[by_letters.keys_said.index("area.district_letters") :]


async def test_a_number_that_is_not_known_ends_with_a_person() -> None:
    line = await dial("1 # 1111# 2222# 3333#", QUIET, subscribers=KNOWN)
    assert line.keys_said.count("area.number_unknown") == 2
    assert line.call.journal.reason == "wrong_keys"
    assert line.desk.typed == ["1111", "2222", "3333"]


async def test_hash_alone_goes_back_to_the_letters() -> None:
    line = await dial("1 # # 432 936 1 !", QUIET, subscribers=KNOWN)
    assert line.call.journal.area_id == YENI
    assert line.desk.typed == []


async def test_one_call_may_try_three_numbers_right_or_wrong() -> None:
    again = f"2 1 # {AYSE}#"  # no, do not remember it; another place
    line = await dial(f"1 # {AYSE}# {again} 1 # {AYSE}# 1 # {AYSE}# !", QUIET, subscribers=KNOWN)
    assert len(line.desk.typed) == MOST_NUMBERS
    offers = [key for key in line.keys_said if key == "area.by_number"]
    assert len(offers) == MOST_NUMBERS


async def test_what_was_typed_is_not_kept() -> None:
    line = await dial(f"1 # {AYSE}# !", QUIET, subscribers=KNOWN)
    row = row_of(line.call.journal, "secret")
    assert AYSE not in row["keys"]
    assert "•••••••" in row["keys"]


class AwayDesk(TestDesk):
    """Subscribers cannot be looked up."""

    hangs = False

    async def subscriber_area(self, number: str, caller: Caller) -> int | None:
        if self.hangs:
            await asyncio.Event().wait()
        raise advice("database_away")


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_look_up_that_fails_is_a_number_that_is_not_known(hangs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callflows.asking_number.LOOKING_PATIENCE", 0.01)
    clock = VirtualClock(NOON)
    desk = AwayDesk(clock, QUIET, subscribers=KNOWN)
    desk.hangs = hangs
    call = ScriptedCall(clock, f"1#{AYSE}##432936 1!", CALLER)
    with contextlib.suppress(CallEnded):
        await hotline(call, desk)
    assert "area.number_unknown" in [prompt.key for prompt in call.said()]
    assert call.journal.area_id == YENI


def ready(on: Board, now: datetime) -> set[str]:
    numbers = [prompt for language in LANGUAGES for prompt in number_prompts(language)]
    return {p.text for p in [*CATALOGUE.statics(), *numbers, *area_prompts(on), *prompts_for(on, now, CATALOGUE)]}


def check_nothing_personal(line: Line, texts: set[str]) -> None:
    """Every word was there before anybody knew who calls; and no figures but those of a ticket or a call-back."""
    assert set(line.texts) <= texts
    if not line.desk.reports and "callback.yours" not in line.keys_said and "callback.typed" not in line.keys_said:
        assert not [key for key in line.keys_said if key.startswith("number.") or key == "private.number"]


@pytest.mark.parametrize("world", [{"subscribers": KNOWN}, {"subscribers": KNOWN, "knows": YENI}])
async def test_no_path_says_anything_of_a_subscriber_but_the_place(world: dict[str, Any]) -> None:
    texts = ready(QUIET, NOON)
    calls = 0
    async for line in every_call(4, on=QUIET, **world):
        calls += 1
        check_nothing_personal(line, texts)
    for seed in range(80):
        check_nothing_personal(await random_call(seed, on=QUIET, **world), texts)
    assert calls > 100


class StillKeeper:
    """A board that stays as it is."""

    problem = None

    def __init__(self, on: Board) -> None:
        self.board = on


async def real_desk(db: Database, **told: Any) -> HotlineDesk:
    """The line's own desk over a database that knows much about the caller."""
    whole = {"name": "Zebercet Anayurt", "address": "Otel Sokak 7", "meter_point": "SAYAÇ-99", "area_id": YENI}
    await add_subscribers(db, facts(AYSE, **whole | told))
    clock = Clock(NOON)
    subscribing = Subscribing(Directory(db, clock, SECRET))
    await subscribing.look()
    memory = CallerMemory(db, SECRET, clock)
    keeper: Any = StillKeeper(QUIET)
    tickets: Any = None
    return HotlineDesk(CATALOGUE, keeper, memory, tickets, CallRate(1000), subscribing, clock)


async def heard(desk: HotlineDesk, keys: str, number: str | None) -> list[str]:
    call = ScriptedCall(VirtualClock(NOON), keys.replace(" ", ""), number)
    with contextlib.suppress(CallEnded):
        await hotline(call, desk)
    return [prompt.text for prompt in call.said()]


async def test_who_calls_from_a_number_on_file_hears_of_their_place_first(db: Database) -> None:
    desk = await real_desk(db, phones=(CALLER,))
    told = await heard(desk, "!", CALLER)
    assert told[1] == "Gebze ilçesi, Yeni Mahalle'de"
    assert set(told) <= ready(QUIET, NOON)
    stranger = await heard(desk, "!", "+905559998877")
    assert not [text for text in stranger if "Yeni" in text]


async def test_what_the_caller_asked_to_remember_counts_before_what_is_on_file(db: Database) -> None:
    desk = await real_desk(db, phones=(CALLER,), area_id=201)
    assert await desk.area_of(Caller(CALLER)) == 201
    await desk.remember_area(Caller(CALLER), YENI)
    assert await desk.area_of(Caller(CALLER)) == YENI
    assert await desk.area_of(Caller(None)) is None


async def test_a_number_on_the_real_desk_tells_the_place_only(db: Database, tmp_path: Path) -> None:
    desk = await real_desk(db)
    told = await heard(desk, f"1 # {AYSE}# !", None)
    assert "Gebze ilçesi, Yeni Mahalle'de" in told
    assert set(told) <= ready(QUIET, NOON)
    for personal in ("Zebercet", "Anayurt", "Otel", "99", AYSE):
        assert personal not in " ".join(told)
