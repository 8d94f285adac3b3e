"""Who is connected to a person hears how long that will take, where anybody can tell."""

from datetime import timedelta

import pytest

from callflows.numbers import number_prompts
from calls.agents_queue import AgentsQueue, Report
from prompts.prompt import LANGUAGES
from tests.hotline_world import NOON, YENI, dial
from tests.outage_world import Clock

MAIN, OTHER = "main", "other"
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("keys", "minutes", "told"),
    [
        ("0", 1, "Tahmini bekleme süresi bir dakika."),
        ("0", 12, "Tahmini bekleme süresi on iki dakika."),
        ("0", 23, "Tahmini bekleme süresi otuz dakika."),
        ("0", 200, "Tahmini bekleme süresi altmış dakika."),
        ("90", 1, "The estimated wait is one minute."),
        ("90", 2, "The estimated wait is two minutes."),
    ],
)
async def test_the_expected_wait_is_the_last_that_is_said_before_the_queue(keys: str, minutes: int, told: str) -> None:
    line = await dial(keys, knows=YENI, wait=minutes)
    assert line.call.journal.reason == "asked"
    assert " ".join(line.texts).endswith(told)


async def test_without_an_estimate_nothing_is_said_of_it() -> None:
    line = await dial("0", knows=YENI, wait=None)
    assert line.keys_said[-1] == "transfer.connecting"


async def test_a_hazard_goes_before_everybody_and_is_told_no_wait() -> None:
    line = await dial("2 1", knows=YENI, wait=7)
    assert line.call.journal.reason == "hazard"
    assert "queue.holdtime" not in line.keys_said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_number_of_minutes_is_spoken_before_the_first_call(language: str) -> None:
    ready = set(number_prompts(language))  # type: ignore[arg-type]
    for minutes in range(1, 100):
        line = await dial("0" if language == "tr" else "90", knows=YENI, wait=minutes)
        assert {prompt for prompt in line.call.said() if prompt.key == "queue.number"} <= ready


class Line:
    """Reports as Asterisk would make them: `busy` agents and none free."""

    def __init__(self) -> None:
        self.clock = Clock(NOON)
        self.queue = AgentsQueue(self.clock, MAIN)

    def told(
        self, event: str, call: str = "0", *, waiting: int = 0, busy: int = 2, free: int = 0, on: str = MAIN
    ) -> None:
        self.queue.report(Report(event, call, waiting, busy + free, free, 0, on))  # type: ignore[arg-type]

    def talk(self, call: str, lasts: timedelta) -> None:
        self.told("joined", call, waiting=1)
        self.told("answered", call)
        self.clock.forward(lasts)
        self.told("left", call)


def test_the_wait_is_that_of_all_before_shared_by_the_agents_who_talk() -> None:
    line = Line()
    line.talk("a", 2 * MINUTE)
    line.talk("b", 4 * MINUTE)
    line.told("joined", "c", waiting=9)
    assert line.queue.expected_wait() == 3 * MINUTE * 10 / 2
    assert line.queue.expected_wait(kept=2) == 3 * MINUTE * 12 / 2


def test_nobody_can_tell_before_the_first_conversation_has_ended() -> None:
    line = Line()
    line.told("joined", "a", waiting=1)
    line.told("answered", "a")
    line.told("joined", "b", waiting=5)
    assert line.queue.expected_wait() is None


def test_with_a_free_agent_there_is_no_wait() -> None:
    line = Line()
    line.talk("a", MINUTE)
    line.told("state", waiting=1, free=2)
    assert line.queue.expected_wait() is None
    assert line.queue.expected_wait(kept=1) is not None


def test_conversations_of_long_ago_tell_nothing() -> None:
    line = Line()
    line.talk("a", MINUTE)
    line.clock.forward(timedelta(hours=2))
    line.told("joined", "b", waiting=5)
    assert line.queue.expected_wait() is None


def test_a_queue_of_few_experts_says_nothing_about_the_line() -> None:
    line = Line()
    line.talk("a", MINUTE)
    line.told("state", waiting=3)
    line.told("joined", "x", waiting=80, busy=1, on=OTHER)
    assert line.queue.expected_wait() == MINUTE * 4 / 2
