"""Over FastAGI no key falls between a question and the wait for its answer: a silence behind the question listens."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from callflows.call import Call
from ivr.agi.silence import LONGEST, SOUNDLESS, Silences
from tests.lines import Lines, say

Flow = Callable[[Call], Any]
LONG = 30.0
"""Seconds that no test waits."""


@pytest.fixture
async def lines(tmp_path: Path) -> AsyncIterator[Lines]:
    async with Lines("agi", tmp_path, at_most=1).serving() as serving:
        yield serving


class Asking:
    """A flow that asks one question."""

    def __init__(self, seconds: float, *, first: str = "") -> None:
        self.answer: str | None = "not asked"
        self._seconds = seconds
        self._first = first

    async def __call__(self, call: Call) -> None:
        if self._first:
            await call.digits(say(self._first), at_most=1)
        self.answer = await call.key(say("menu"), allowed="1", seconds=self._seconds)


async def in_the_silence(phone: Any) -> None:
    await phone._until(lambda: phone._kind == "WAIT")


def waits(phone: Any) -> list[str]:
    return [command for command in phone.commands if command.startswith("WAIT")]


async def test_a_key_after_the_question_needs_no_other_command(lines: Lines) -> None:
    asking = Asking(LONG)
    phone = await lines.call(asking)
    await phone.hears_to_the_end("menu")
    await in_the_silence(phone)
    await phone.press("1")
    assert await phone.over() == "hung_up"
    assert asking.answer == "1"
    assert phone.commands[0] == 'EXEC BackGround "/prompts/menu&/prompts/silence-30000"'
    assert waits(phone) == []
    journal = await lines.journal()
    assert [(h.key, h.interrupted) for h in journal.heard] == [("menu", False)]
    assert [p.keys for p in journal.pressed] == ["1"]


async def test_who_presses_nothing_has_waited_when_the_silence_is_over(lines: Lines) -> None:
    asking = Asking(0.2)
    phone = await lines.call(asking)
    await phone.hears_to_the_end("menu")
    assert await phone.over() == "hung_up"
    assert asking.answer is None
    assert waits(phone) == []


async def test_a_key_during_the_question_cuts_it(lines: Lines) -> None:
    asking = Asking(LONG)
    phone = await lines.call(asking)
    await phone.hears("menu")
    await phone.press("1")
    await phone.over()
    assert asking.answer == "1"
    assert [(h.key, h.interrupted) for h in (await lines.journal()).heard] == [("menu", True)]


async def test_a_key_that_means_nothing_does_not_end_the_wait(lines: Lines) -> None:
    asking = Asking(LONG, first="letters")
    phone = await lines.call(asking)
    await phone.hears("letters")
    await phone.press("4")
    await phone.hears_to_the_end("menu")
    await in_the_silence(phone)
    lines.pass_time(10.0)
    await phone.press("#")
    await phone._until(lambda: waits(phone) != [])
    await phone.press("1")
    assert await phone.over() == "hung_up"
    assert asking.answer == "1"
    (waited,) = waits(phone)
    assert 15 < int(waited.split()[-1]) / 1000 <= 20


async def test_who_hangs_up_in_the_silence_has_heard_the_question(lines: Lines) -> None:
    phone = await lines.call(Asking(LONG))
    await phone.hears_to_the_end("menu")
    await in_the_silence(phone)
    await phone.hang_up()
    assert [(h.key, h.interrupted) for h in (await lines.journal()).heard] == [("menu", False)]


async def test_a_connection_that_is_cut_in_the_silence_interrupts_nothing(lines: Lines) -> None:
    phone = await lines.call(Asking(LONG))
    await phone.hears_to_the_end("menu")
    await in_the_silence(phone)
    await phone.cut()
    assert [(h.key, h.interrupted) for h in (await lines.journal()).heard] == [("menu", False)]


async def test_a_silence_that_asterisk_cannot_play_is_waited_for(lines: Lines) -> None:
    asking = Asking(LONG)
    phone = lines.phone()
    phone.missing.add("silence-30000")
    lines.flow = asking
    await phone.dial()
    await phone.hears_to_the_end("menu")
    await phone._until(lambda: waits(phone) != [])
    await phone.press("1")
    assert await phone.over() == "hung_up"
    assert asking.answer == "1"


async def test_without_a_silence_keys_are_waited_for_by_a_command(tmp_path: Path) -> None:
    asking = Asking(LONG)
    async with Lines("agi", tmp_path, silence=lambda seconds: None).serving() as lines:
        phone = await lines.call(asking)
        await phone.hears_to_the_end("menu")
        await phone._until(lambda: waits(phone) != [])
        await phone.press("1")
        await phone.over()
    assert asking.answer == "1"
    assert phone.commands[1].startswith("STREAM FILE /prompts/menu")


async def test_one_entry_of_several_digits_waits_anew_for_each(lines: Lines) -> None:
    entries: list[str | None] = []

    async def flow(call: Call) -> None:
        entries.append(await call.digits(say("letters"), at_most=3, seconds=0.3))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("letters")
    await in_the_silence(phone)
    await phone.press("4")
    await phone._until(lambda: len(waits(phone)) == 1 and phone._kind == "WAIT")
    await phone.press("3")
    assert await phone.over() == "hung_up"
    assert entries == ["43"]
    assert {waited.split()[-1] for waited in waits(phone)} == {"300"}


def test_a_silence_is_as_long_as_it_says_and_made_once(tmp_path: Path) -> None:
    silences = Silences(tmp_path / "silence")
    path = silences.lasting(2.5)
    assert path is not None
    assert {file.name for file in path.parent.iterdir()} == {f"{path.name}.{suffix}" for suffix in SOUNDLESS}
    for suffix, zero in SOUNDLESS.items():
        assert Path(f"{path}.{suffix}").read_bytes() == zero * 20_000
        Path(f"{path}.{suffix}").unlink()
    assert silences.lasting(2.5) == path
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.0, -1.0, LONGEST + 1])
def test_no_file_is_made_for_waits_that_are_none_or_too_long(tmp_path: Path, seconds: float) -> None:
    assert Silences(tmp_path / "silence").lasting(seconds) is None


def test_where_nothing_can_be_written_there_is_no_silence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "silence").write_text("in the way")
    assert Silences(tmp_path / "silence").lasting(3.0) is None
    assert "no silence could be written" in caplog.text
