"""The eight rules of the dialogue, held over every path of the conversation with the real length of every prompt."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from callflows.conversation import OFFERS_PERSON, estimated_seconds
from callflows.moments import moment_prompts
from callflows.scripted import Event
from callflows.speech import area_prompts, number_prompts, prompts_for
from outages.board import Board, BroadcastView
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from prompts.prompt import Prompt
from tests.flow_walk import every_call, random_call
from tests.hotline_world import CATALOGUE, GEBZE, NOON, YENI, Line, board, dial, fault, planned
from tests.shared_prompts import rendering, shared_prompts

ENDS_WITH_KEY = re.compile(
    r"\b(bir|iki|üç|dört|beş|sıfır|dokuz|yıldız|kare|one|two|three|four|five|zero|nine|star|hash)[.,?]?$"
)
KEY_WORDS = re.compile(r"\b(?:bir|iki|üç|dört|beş|sıfır|one|two|three|four|five|zero)(?=[.,])")
LETTERS = "0123456789*"
SWAY = 0.5
"""Seconds; espeak-ng says the same words a tenth of a second longer or shorter, after whatever it has said before."""
ALARM = BroadcastView(
    9,
    {
        "tr": "Ana isale hattındaki arıza nedeniyle kentin tamamında su basıncı düşük. " * 3,
        "en": "Pressure is low. " * 8,
    },
    None,
    NOON + timedelta(hours=3),
)
LONG = fault(
    3,
    tanker_points="Cumhuriyet Meydanı, İstasyon Caddesi ve Atatürk Bulvarı",
    crew="on_site",
    announcement={"tr": "Hastanelere su tankerle taşınıyor, lütfen suyu tutumlu kullanın. " * 3},
)

WORLDS: dict[str, dict[str, object]] = {
    "nobody known, one outage": {"on": board(fault(), planned())},
    "known, outage": {"on": board(fault(), planned()), "knows": YENI},
    "known, no outage": {"on": board(planned()), "knows": YENI},
    "all is well": {"on": board()},
    "whole district": {"on": board(fault(1, (GEBZE,)), fault(2))},
    "mass call": {"on": board(fault(), mass_call=True)},
    "mass call, known": {"on": board(fault(), mass_call=True), "knows": YENI},
    "emergency and a long story": {"on": board(fault(), LONG, broadcasts=[ALARM]), "knows": YENI},
    "emergency, nobody known": {"on": board(LONG, broadcasts=[ALARM])},
    "calls back, known": {"on": board(fault(), planned()), "knows": YENI, "calls_back": True},
    "calls back, nobody known": {"on": board(fault()), "calls_back": True},
    "withheld number": {"on": board(fault()), "number": None},
    "found by number": {"on": board(planned()), "subscribers": {"4532170": YENI}},
    "found by number, districts named": {"on": board(fault(areas=(YENI, 201, 301))), "subscribers": {"4532170": YENI}},
}

Seconds = Callable[[Prompt], float]


@pytest.fixture(scope="session")
def seconds(request: pytest.FixtureRequest) -> Seconds:
    """Real lengths, from the real engine; the files stay in pytest's cache for the next run."""
    folder = shared_prompts(request.config)
    with rendering(folder):
        return asyncio.run(_rendered(folder))


async def _rendered(folder: Path) -> Seconds:
    library = PromptLibrary(folder, engine_for("espeak", None))
    boards = [world["on"] for world in WORLDS.values()]
    normal = [
        *CATALOGUE.statics(),
        *number_prompts("tr"),
        *number_prompts("en"),
        *moment_prompts("tr"),
        *moment_prompts("en"),
    ]
    for made in boards:
        assert isinstance(made, Board)
        normal += [*area_prompts(made), *prompts_for(made, NOON, CATALOGUE)]
    await library.prepare([*normal, *(prompt.slower() for prompt in normal)])
    await library.close()
    return library.seconds


def said(line: Line) -> list[Event]:
    return [event for event in line.call.events if event.prompt]


def check_person(line: Line, seconds: Seconds) -> None:
    """Rule 4: offered within 45 s of the answer; with a person by 2 min when nothing is done."""
    call = line.call
    offers = [
        event.at + seconds(event.prompt)
        for event in said(line)
        if event.prompt and event.prompt.key in OFFERS_PERSON
        if not event.interrupted or event.prompt.key == "offer.person"
    ]
    assert call.elapsed <= 45 or (offers and offers[0] <= 45), "no offer of a person within 45 s"
    last_key = max((event.at for event in call.events if event.kind in ("pressed", "recorded")), default=0.0)
    if call.events[-1].kind == "transferred" or call.notes:
        assert call.events[-1].at - last_key <= 120, "more than 2 min from doing nothing to a person"
    else:
        assert call.events[-1].kind == "hung_up"


def check_silence(line: Line) -> None:
    """Rule 5: no silence above 3 s, and something is said after each."""
    for event, following in zip(line.call.events, line.call.events[1:], strict=False):
        if event.kind == "silence":
            assert float(event.text.split()[0]) <= 3.0
            assert following.kind in ("said", "transferred", "asked", "hung_up", "pressed")
        if event.kind == "pressed":
            assert following.at == event.at


def check_key_last(line: Line) -> None:
    """Rule 2: the last word before a menu listens is a key."""
    events = line.call.events
    for event, before in zip(events[1:], events, strict=False):
        if event.kind == "asked" and event.text not in (LETTERS, "digits", "record") and before.prompt:
            assert ENDS_WITH_KEY.search(before.text), before.text


def check_notice(line: Line) -> None:
    """Rule 8: the notice, in full, before anything is recorded or connected."""
    events = line.call.events
    opened = [n for n, event in enumerate(events) if event.kind in ("recorded", "transferred")]
    if opened:
        notices = [
            n for n, e in enumerate(events) if e.prompt and e.prompt.key == "record.notice" and not e.interrupted
        ]
        assert notices, "recorded or connected without notice"
        assert notices[0] < opened[0]
        assert len(notices) == 1


def check_all(line: Line, seconds: Seconds) -> None:
    assert line.call.ended, "the call did not end"
    assert line.call.elapsed < 900
    check_person(line, seconds)
    check_silence(line)
    if not line.call.eager:
        check_key_last(line)
    check_notice(line)
    doubles = Counter((report.call_id, report.category) for report in line.desk.reports)
    assert all(count == 1 for count in doubles.values())


def tell(line: Line, error: AssertionError) -> str:
    shown = "\n".join(f"{e.at:6.1f} {e.kind:11} {e.prompt.key if e.prompt else ''} {e.text}" for e in line.call.events)
    return f"{error}\n{shown}"


@pytest.mark.parametrize("world", WORLDS)
async def test_every_short_path_keeps_the_rules(world: str, seconds: Seconds) -> None:
    calls = 0
    async for line in every_call(4, seconds=seconds, **WORLDS[world]):
        calls += 1
        try:
            check_all(line, seconds)
        except AssertionError as error:
            pytest.fail(tell(line, error))
    assert calls > 100


@pytest.mark.parametrize("eager", [False, True], ids=["patient", "hurried"])
@pytest.mark.parametrize("world", WORLDS)
async def test_long_random_paths_keep_the_rules(world: str, eager: bool, seconds: Seconds) -> None:
    for seed in range(60):
        line = await random_call(seed, seconds=seconds, eager=eager, **WORLDS[world])
        try:
            check_all(line, seconds)
        except AssertionError as error:
            pytest.fail(f"seed {seed}: {tell(line, error)}")


@pytest.mark.parametrize("world", WORLDS)
async def test_who_does_nothing_is_with_a_person_within_two_minutes(world: str, seconds: Seconds) -> None:
    line = await dial(seconds=seconds, **WORLDS[world])
    assert line.call.events[-1].kind == "transferred"
    assert line.call.elapsed <= 120


@pytest.mark.parametrize("then", ["*", "* *", "* 2 R *"])
@pytest.mark.parametrize(
    ("world", "way"),
    [
        ("all is well", "2 2 3 432 936 1"),
        ("known, outage", "2 2 3 1"),
        ("known, no outage", "2 2 3 1"),
        ("emergency and a long story", "2 2 3 1"),
    ],
)
async def test_the_longest_message_keeps_the_rules_while_its_speaker_listens(
    world: str, way: str, then: str, seconds: Seconds
) -> None:
    """A message of a minute, listened to in full; then the caller does nothing, and is with a person in time."""
    line = await dial(f"{way} R {then}", seconds=seconds, message_seconds=60.0, **WORLDS[world])
    assert sum(event.kind == "played_back" for event in line.call.events) == then.count("*")
    check_all(line, seconds)
    assert line.call.events[-1].kind == "transferred"


@pytest.mark.parametrize("world", ["known, outage", "known, no outage", "mass call, known"])
async def test_a_known_caller_hears_about_their_own_water_within_ten_seconds(world: str, seconds: Seconds) -> None:
    line = await dial("!", seconds=seconds, **WORLDS[world])
    greeting, place, fact = said(line)[:3]
    assert greeting.prompt is not None
    assert seconds(greeting.prompt) <= 3.0
    assert place.text == "Gebze ilçesi, Yeni Mahalle'de"
    assert fact.at + seconds(fact.prompt or greeting.prompt) <= 10.0
    assert not [event for event in line.call.events if event.kind == "pressed"]


async def test_the_estimate_that_places_the_offer_is_never_too_short(seconds: Seconds) -> None:
    normal = [*CATALOGUE.statics(), *area_prompts(board()), *prompts_for(board(fault(), LONG), NOON, CATALOGUE)]
    over = [p for p in normal if seconds(p) > estimated_seconds(p) + SWAY]
    assert over == []


def test_menus_have_four_choices_at_most_and_name_the_key_last() -> None:
    menus = [p for p in CATALOGUE.statics() if len(KEY_WORDS.findall(p.text)) > 1]
    assert len(menus) > 40
    for prompt in menus:
        assert len(KEY_WORDS.findall(prompt.text)) <= 4, prompt
        assert ENDS_WITH_KEY.search(prompt.text), prompt


def test_an_offer_of_a_person_names_the_person_and_the_key() -> None:
    for key in OFFERS_PERSON:
        assert re.search(r"[Tt]emsilci için sıfır\.$", CATALOGUE.phrase(key, "tr").text), key
        assert re.search(r"[Pp]erson,?( press)? zero\.$", CATALOGUE.phrase(key, "en").text), key


def test_nobody_is_told_that_they_pressed_wrongly() -> None:
    assert not [
        p
        for p in CATALOGUE.statics()
        if re.search(r"hatalı|yanlış|geçersiz|wrong|invalid", p.text)
        and p.key not in ("fallback.apology", "error.apology")
    ]


@pytest.mark.parametrize("miss", ["-", "#"], ids=["silence", "wrong key"])
@pytest.mark.parametrize(
    ("way", "asked"),
    [
        ("", "menu.main"),
        ("2", "hazard.question"),
        ("22", "fault.which"),
        ("3", "info.menu"),
        ("15", "area.district_letters"),
    ],
)
async def test_a_miss_is_met_shorter_then_fuller_then_by_a_person(way: str, asked: str, miss: str) -> None:
    line = await dial(way + miss * 3)
    texts = [event.text for event in said(line) if event.prompt]
    start = next(n for n, p in enumerate(line.call.said()) if p.key == asked)
    first = texts[start]
    shorter = line.call.said()[start + 1]
    fuller = [p for p in line.call.said()[start + 2 :] if p.key != "record.notice" and p.key != "transfer.connecting"]
    assert len(shorter.text) < len(first)
    assert sum(len(p.text) for p in fuller) > len(first)
    assert line.call.events[-1].kind == "transferred"
    assert line.call.journal.reason == ("silence" if miss == "-" else "wrong_keys")


async def test_the_number_says_nothing_before_the_caller_reports_a_fault() -> None:
    known = await dial("!", board(fault()), knows=YENI)
    assert "private.number" not in known.keys_said
    stranger = await dial("!", board(fault()), number="+905559998877", knows=YENI)
    assert known.texts == stranger.texts


async def test_star_once_repeats_and_twice_speaks_slower() -> None:
    line = await dial("**!", board(fault()), knows=YENI)
    facts = [p for p in line.call.said() if p.key == "outage.until"]
    assert [p.pace for p in facts] == ["normal", "normal", "slow"]


async def test_repeating_for_ever_ends_with_a_person() -> None:
    line = await dial("*" * 50, board(fault()), knows=YENI)
    assert line.call.journal.reason == "repeats"
