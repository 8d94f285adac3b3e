"""The benchmark of the agents' queue: it understands what callers hear, and tells right from wrong."""

import random
from collections.abc import Sequence

import pytest

from bench.desk_judging import joined
from bench.rtp import Sound
from bench.sipp_run import Line, read_log
from bench.told import MORE, Ear, Heard, Queue, Told, Word, announcements, judge_minutes, judge_places

PACKET, MS = 160, 1_000_000
WORDS: tuple[Word, ...] = ("next", "position", "more", "than", "thanks", "holdtime", "minute", *range(20), 20, 30)


def speech(word: Word) -> bytes:
    return random.Random(str(word)).randbytes(2500)


def sound(*words: Word, silence: int = 3000) -> Sound:
    stream = b"".join(b"\xd5" * silence + speech(word) for word in words)
    payloads = [stream[at : at + PACKET] for at in range(0, len(stream), PACKET)]
    return Sound([20 * MS * index for index in range(len(payloads))], payloads)


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear({word: speech(word) for word in WORDS})


def test_words_are_heard_in_order_with_their_times(ear: Ear) -> None:
    heard = ear.words(sound("position", 20, 1, "thanks"))
    assert [each.word for each in heard] == ["position", 20, 1, "thanks"]
    assert heard[1].at == pytest.approx((3000 + 2500 + 3000) / 8000, abs=0.02)


def test_sounds_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be told"):
        Ear({1: speech(1), 2: speech(1)})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["next", "thanks"], [("place", 1)]),
        (["position", 7, "thanks"], [("place", 7)]),
        (["position", 20, 1, "thanks", "position", 20, "thanks"], [("place", 21), ("place", 20)]),
        (["more", 20, 9, "than", "thanks"], [("place", MORE)]),
        (["holdtime", 3, "minute", "position", 4, "thanks"], [("minutes", 3), ("place", 4)]),
        (["position", 20], []),
        (["position", "thanks"], []),
    ],
)
def test_only_whole_announcements_count(words: Sequence[Word], told: list[tuple[str, int]]) -> None:
    found = announcements([Heard(word, float(at)) for at, word in enumerate(words)])
    assert [(each.what, each.value) for each in found] == told


QUEUE = Queue({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, {"a": 10.0, "c": 20.0, "d": 100.0})


@pytest.mark.parametrize(
    ("caller", "at", "place", "right"),
    [
        ("d", 5.0, 4, True),
        ("d", 5.0, 3, False),
        ("d", 9.9, 4, True),
        ("d", 10.1, 4, True),
        ("d", 10.1, 3, True),
        ("d", 10.5, 4, False),
        ("d", 30.0, 2, True),
        ("b", 30.0, 1, True),
    ],
)
def test_a_place_is_held_to_who_joined_before_and_waits_still(caller: str, at: float, place: int, right: bool) -> None:
    verdict = judge_places({caller: [Told("place", place, at, at), Told("minutes", 9, at, at)]}, QUEUE)
    assert (verdict.right, len(verdict.wrong)) == (int(right), int(not right))


def test_beyond_99_all_places_are_one() -> None:
    crowd = Queue({str(number): float(number) for number in range(200)}, {})
    beyond = Told("place", MORE, 300.0, 300.0)
    assert judge_places({"150": [beyond], "50": [Told("place", 51, 300.0, 300.0)]}, crowd).right == 2
    assert judge_places({"98": [beyond]}, crowd).wrong


def test_what_was_so_when_an_announcement_began_is_right_though_it_takes_its_time() -> None:
    assert judge_places({"d": [Told("place", 4, 9.8, 12.0)]}, QUEUE).right
    assert judge_places({"d": [Told("place", 4, 10.5, 12.0)]}, QUEUE).wrong


@pytest.mark.parametrize(("minutes", "right"), [(0, False), (1, True), (2, True), (3, True), (4, False)])
def test_a_wait_is_held_to_what_was_waited(minutes: int, right: bool) -> None:
    verdict = judge_minutes({"d": [Told("minutes", minutes, 4.0, 4.0)]}, QUEUE)
    assert (verdict.right, len(verdict.wrong)) == (int(right), int(not right))


def test_logs_of_sipp_and_of_asterisk_are_read() -> None:
    assert read_log("rang;desk-1;17.2;0532;2026-11-26\t02:26:41.2\t1795660001.275726\nother\n") == [
        Line("rang", ("desk-1", "17.2", "0532"), 1795660001.275726)
    ]
    log = "9|q|NONE|NONE|QUEUESTART|\n10|17.1|q|NONE|ENTERQUEUE||0532|1\n10|17.2|q|NONE|ENTERQUEUE||0533|2\n"
    entered = joined(log)
    assert list(entered) == ["0532", "0533"]
    assert 10 <= entered["0532"] < entered["0533"] < 11
