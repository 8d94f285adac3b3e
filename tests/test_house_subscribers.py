"""The number on a caller's bill, typed on a real telephone: their place's outages, and nothing else that is on file."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from callflows.conversation import MOST_NUMBERS
from callflows.speech import full_name, here, name
from ivr.asterisk.listening import Match, read_wav
from ivr.asterisk.softphone import Incoming
from ivr.dialplan import AREA_HEADER, REASON_HEADER
from ivr.service import now
from prompts.formats import NARROW as RATE
from prompts.prompt import Prompt
from storage.database import Database
from subscribers.check_digit import with_check_digit
from subscribers.keys import pseudonym
from subscribers.models import NumberTries
from subscribers.tries import MOST
from tests.clusters import in_own_loop
from tests.live_house import answer_questions, together
from tests.live_worlds import CAUSE, World

pytestmark = pytest.mark.live

RIGHT = with_check_digit("453217", "luhn") or ""
WRONG = RIGHT[:-1] + str((int(RIGHT[-1]) + 1) % 10)
COLUMNS = "Abone No;Ad Soyad;Telefon;İlçe;Mahalle;Adres;Sayaç No;Borç"
PERSON = "Zebercet Anayurt;05559998877;{district};{area};Otel Sokak 7;SAYAC-99;1250"
TIRED = "05321110036"
"""Has typed as many numbers lately as one caller may."""
FRAME = RATE // 50
SPOKEN = 0.005
"""Root mean square (full scale is 1) above which somebody speaks."""
SLACK = 0.25
"""Seconds at both ends of a prompt that are still taken as its sound."""
SHORTEST_WORD = 0.4
"""Seconds; a name, a figure or a meter's number takes longer."""


@pytest.fixture(params=["ari on PostgreSQL", "agi on SQLite"])
def world(request: pytest.FixtureRequest, called: dict[str, World]) -> World:
    return called[request.param]


@pytest.fixture(scope="module")
def called(worlds: dict[str, World]) -> dict[str, World]:
    for world in worlds.values():
        world.house.command("outages", "remove-demo")
        world.board = world.house.board()
        take_in(world)
    asyncio.run(place_all_calls(worlds.values()))
    return worlds


def take_in(world: World) -> None:
    """A list with one subscriber, who owes something; that column is not read."""
    row = PERSON.format(district=world.district.name, area=world.area.name)
    path = world.house.settings.state / "aboneler.csv"
    path.write_text(f"{COLUMNS}\n{RIGHT};{row}\n", encoding="utf-8")
    assert "new              1" in world.house.command("subscribers", "import", str(path))
    in_own_loop(tire(world, now()))


async def tire(world: World, at: datetime) -> None:
    settings = world.house.settings
    caller = pseudonym(f"+9{TIRED}", settings.secret("caller-hash"))
    db = Database(settings.database)
    async with db.session() as session:
        session.add(NumberTries(caller=caller, tries=MOST, since=at))
        await session.commit()
    await db.close()


async def place_all_calls(worlds: Iterable[World]) -> None:
    await asyncio.gather(*(place_calls(world) for world in worlds))


async def place_calls(world: World) -> None:
    world.calls["offered"] = await until_offered(world)
    world.calls.update(
        await together(
            right=typing(world, "05321110031", f"{RIGHT}#"),
            mistyped=typing(world, "05321110032", f"{WRONG}#", f"{RIGHT}#"),
            tired=typing(world, TIRED, f"{RIGHT}#"),
            guessing=guessing(world),
        )
    )


async def until_offered(world: World) -> Path:
    """The line finds out by itself that there is somebody to be found by number."""
    for _ in range(6):
        async with world.house.phone("05321110030") as phone:
            await phone.dial("185")
            await answer_questions(phone, "1")
            await phone.pause()
            await phone.hang_up()
        heard = await asyncio.to_thread(world.heard, phone.recording)
        if "area.by_number" in [prompt.key for prompt in heard]:
            return phone.recording
    raise AssertionError(f"the number is not offered: {[prompt.text for prompt in heard]}")


async def typing(world: World, caller: str, *entries: str) -> Path:
    """Asks for outages, says hash where a place is asked for, and types."""
    async with world.house.phone(caller) as phone:
        await phone.dial("185")
        await answer_questions(phone, "1", "#", *entries)
        await phone.pause(1.5)
        await phone.hang_up()
        return phone.recording


async def guessing(world: World) -> Path:
    """One number after another, none of them right; the agent's phone says why the call comes."""
    async with world.house.agent() as desk, world.house.phone("05321110033") as phone:
        await phone.dial("185")
        await answer_questions(phone, "1", "#", *[f"{WRONG}#"] * MOST_NUMBERS)
        world.calls["agent"] = await desk.rung(within=60)
        await desk.answered()
        await phone.hang_up()
        return phone.recording


def keys(heard: list[Prompt]) -> list[str]:
    return [prompt.key for prompt in heard]


def test_the_number_is_offered_once_a_list_was_taken_in(world: World) -> None:
    heard = keys(world.heard(world.recording("offered")))
    assert heard.index("area.other_district") < heard.index("area.by_number")


def test_the_right_number_brings_the_places_outage_at_once(world: World) -> None:
    heard = world.heard(world.recording("right"))
    told = keys(heard)
    after = told.index("area.number_looking") + 1
    assert told[told.index("area.number_enter") :][:2] == ["area.number_enter", "area.number_looking"]
    assert told[after : after + 3] == ["area.here", "outage.off", "outage.no_estimate"]
    assert heard[after] == here(world.board, world.area)
    assert world.house.phrase(f"cause.{CAUSE}").text in heard[after + 1].text
    assert "area.confirm" not in told


def test_a_wrong_check_digit_is_told_and_the_right_number_still_counts(world: World) -> None:
    heard = keys(world.heard(world.recording("mistyped")))
    begun = heard.index("area.number_enter")
    assert heard[begun : begun + 7] == [
        "area.number_enter",
        "area.number_looking",
        "area.number_unknown",
        "area.number_enter.short",
        "area.number_looking",
        "area.here",
        "outage.off",
    ]


def test_who_guesses_three_times_is_connected_and_told_of_no_place(world: World) -> None:
    heard = keys(world.heard(world.recording("guessing")))
    assert heard.count("area.number_looking") == MOST_NUMBERS
    assert heard.count("area.number_unknown") == MOST_NUMBERS - 1
    assert "transfer.connecting" in heard
    assert "area.here" not in heard
    told = world.calls["agent"]
    assert isinstance(told, Incoming)
    assert told.headers[REASON_HEADER] == "wrong_keys"
    assert not told.headers.get(AREA_HEADER)


def test_who_has_typed_ten_numbers_within_an_hour_is_told_of_no_place_for_the_right_one(world: World) -> None:
    heard = keys(world.heard(world.recording("tired")))
    assert "area.number_unknown" in heard
    assert "area.here" not in heard


@pytest.mark.parametrize("call", ["offered", "right", "mistyped", "tired"])
def test_every_sound_of_the_call_is_a_phrase_that_names_nobody(world: World, call: str) -> None:
    """No name, number, address, meter or debt can have been said: all that was heard are the line's own words."""
    recording = world.recording(call)
    expected = [here(world.board, world.area), name(world.area), *full_name(world.board, world.area)]
    matched = world.house.matched(recording, expected, world.board)
    assert longest_unknown(recording, [match for match, _ in matched]) < SHORTEST_WORD
    assert not [prompt for _, prompt in matched if prompt.key.startswith(("number.", "private."))]
    without_last = [match for match, prompt in matched if prompt is not matched[-1][1]]
    assert longest_unknown(recording, without_last) > SHORTEST_WORD, "a phrase that is not ours would not be noticed"


def longest_unknown(recording: Path, known: list[Match]) -> float:
    """Seconds of the longest stretch of speech in which no known phrase is heard."""
    heard = read_wav(recording)
    frames = heard[: len(heard) // FRAME * FRAME].reshape(-1, FRAME)
    speech = np.sqrt((frames**2).mean(axis=1)) > SPOKEN
    for match in known:
        first, last = match.start - SLACK, match.start + match.seconds + SLACK
        speech[max(0, round(first * 50)) : max(0, round(last * 50))] = False
    longest = run = 0
    for sounding in speech:
        run = run + 1 if sounding else 0
        longest = max(longest, run)
    return longest / 50
