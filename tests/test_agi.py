"""What is particular to FastAGI: hostile peers, its replies, and keys that arrive between two commands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows.call import Call
from calls.journal import Journal, Outcome
from ivr.agi.call import listable
from ivr.agi.connection import AgiConnection, AgiError, quoted
from ivr.sounding import Spoken
from tests.fake_asterisk import PROMPT_SECONDS, _words
from tests.lines import Lines, say


@pytest.fixture
async def lines(tmp_path: Path) -> AsyncIterator[Lines]:
    async with Lines("agi", tmp_path, at_most=1).serving() as serving:
        yield serving


async def welcome(call: Call) -> None:
    await call.say(say("welcome"))


@pytest.mark.parametrize(
    "greeting",
    [
        "",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\n\n",
        "x" * 100_000,
        "agi_x: " + "y" * 5000 + "\n\n",
        "agi_x: y\n" * 1000 + "\n",
        "agi_network_script: another\n\n",
        "agi_network: yes\n\n",
        "\n",
        "\0\n\n",
    ],
    ids=lambda value: repr(value[:20]),
)
async def test_strangers_are_sent_away_and_the_next_call_is_served(lines: Lines, greeting: str) -> None:
    stranger = lines.phone()
    await stranger.dial(greeting)
    if not greeting:
        await stranger.stop()
    await stranger.closed()
    phone = await lines.call(welcome)
    await phone.hears_to_the_end("welcome")
    assert await phone.over() == "hung_up"


async def test_a_peer_that_says_nothing_is_not_waited_for(lines: Lines) -> None:
    silent = lines.phone()
    await silent.dial("agi_network: yes\n")
    await silent.closed()
    assert lines.exchange.calls == 0


class Wire:
    """A transport whose other end never says more."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True


async def test_an_asterisk_that_does_not_reply_is_given_up_when_its_time_is_over() -> None:
    wire, told = Wire(), dict[str, str]()
    connections: set[AgiConnection] = set()
    connection = AgiConnection(lambda _, greeting: told.update(greeting), connections)
    connection.connection_made(wire)  # type: ignore[arg-type]
    connection.data_received(b"agi_network: yes\nagi_callerid: 05321112233\nagi_acc")
    assert not told
    connection.data_received(b"ountcode: \n\n")
    assert told == {"agi_network": "yes", "agi_callerid": "05321112233", "agi_accountcode": ""}
    connection.send("ANSWER")
    reply = asyncio.ensure_future(connection.reply(5.0))
    await asyncio.sleep(0)
    now = asyncio.get_running_loop().time()
    for each in connections:
        each.overdue(now + 4)
    assert not wire.closed
    for each in connections:
        each.overdue(now + 6)
    with pytest.raises(AgiError, match="in time"):
        await reply
    assert wire.closed


async def test_a_call_too_many_goes_on_in_the_dialplan_at_once(lines: Lines) -> None:
    first = await lines.call(welcome)
    await first.hears("welcome")
    second = lines.phone()
    await second.dial()
    assert await second.over() == "dialplan"
    assert second.variables == {}
    await first.finish()
    assert await first.over() == "hung_up"


async def test_a_warning_goes_on_from_where_a_key_stopped_it(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("hazard", skippable=False))

    phone = await lines.call(flow)
    await phone.hears("hazard")
    await phone.press("12")
    await phone.finish()
    await phone.over()
    assert [c for c in phone.commands if c.startswith("STREAM")] == [
        'STREAM FILE /prompts/hazard "0123456789*#" 0',
        'STREAM FILE /prompts/hazard "0123456789*#" 1600',
        'STREAM FILE /prompts/hazard "0123456789*#" 3200',
    ]


def played(phone: Any) -> list[str]:
    return [c for c in phone.commands if c.startswith(("STREAM", "EXEC"))]


async def announcement(call: Call) -> None:
    await call.say(say("place"), say("cause"), say("until"))


def heard(journal: Journal) -> list[tuple[str, bool]]:
    return [(h.key, h.interrupted) for h in journal.heard]


async def test_one_command_plays_a_whole_announcement_and_the_journal_tells_its_parts(lines: Lines) -> None:
    phone = await lines.call(announcement)
    await phone.hears_to_the_end("place", "cause", "until")
    assert await phone.over() == "hung_up"
    assert played(phone) == ['EXEC BackGround "/prompts/place&/prompts/cause&/prompts/until"']
    journal = await lines.journal()
    assert heard(journal) == [("place", False), ("cause", False), ("until", False)]
    starts = [(h.at - journal.heard[0].at).total_seconds() for h in journal.heard]
    assert starts == [0, PROMPT_SECONDS, 2 * PROMPT_SECONDS]


async def test_what_is_heard_is_in_the_journal_while_it_is_heard(lines: Lines) -> None:
    phone = await lines.call(announcement)
    await phone.hears("place")
    assert [h.key for h in lines.exchange.journals[0].heard] == ["place"]
    await phone.hears_to_the_end("place")
    assert [h.key for h in lines.exchange.journals[0].heard] == ["place", "cause"]
    await phone.hang_up()
    assert heard(await lines.journal()) == [("place", False), ("cause", True)]


async def test_the_journal_tells_which_part_of_an_announcement_a_key_cut(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await announcement(call)
        assert await call.key(allowed="1") == "1"

    phone = await lines.call(flow)
    await phone.hears_to_the_end("place")
    await phone.hears("cause")
    await phone.press("1")
    await phone.over()
    assert heard(await lines.journal()) == [("place", False), ("cause", True)]


async def test_the_journal_tells_which_part_of_an_announcement_the_hang_up_cut(lines: Lines) -> None:
    phone = await lines.call(announcement)
    await phone.hears_to_the_end("place", "cause")
    await phone.hears("until")
    await phone.hang_up()
    assert heard(await lines.journal()) == [("place", False), ("cause", False), ("until", True)]


async def test_an_announcement_with_a_missing_part_was_not_heard_beyond_it(lines: Lines) -> None:
    phone = lines.phone()
    phone.missing.add("until")
    lines.flow = announcement
    await phone.dial()
    await phone.hears_to_the_end("place", "cause", "error.apology")
    assert await phone.over() == "dialplan"
    assert heard(await lines.journal()) == [("place", False), ("cause", False), ("error.apology", False)]


async def test_a_key_that_means_nothing_does_not_end_an_announcement(lines: Lines) -> None:
    """The hash that callers press after a full entry stops the list, which goes on from there."""

    async def flow(call: Call) -> None:
        await call.digits(say("letters"), at_most=1)
        await announcement(call)

    phone = await lines.call(flow)
    await phone.hears("letters")
    await phone.press("4")
    await phone.hears_to_the_end("place")
    await phone.hears("cause")
    await phone.press("#")
    await phone.hears_to_the_end("cause", "until")
    assert await phone.over() == "hung_up"
    whole, rest, last = played(phone)[1:]
    assert whole.startswith("EXEC BackGround")
    assert rest.startswith('STREAM FILE /prompts/cause "0123456789*#"')
    assert last.startswith('STREAM FILE /prompts/until "0123456789*#" 0')
    assert heard(await lines.journal())[1:] == [("place", False), ("cause", False), ("until", False)]


def test_what_asterisk_would_take_for_the_end_of_a_list_is_played_by_itself() -> None:
    def path(name: str) -> Spoken:
        return Spoken(say(name), Path("/prompts") / name, 2.0)

    assert listable([path("a"), path("b&c"), path("d")]) == 1
    assert listable([path("a,b"), path("c")]) == 0
    assert listable([path("x" * 390)] * 5) == 2
    assert listable([path("a"), path("b")]) == 2


async def test_a_key_that_comes_with_the_end_of_the_wait_is_not_waited_for_again(lines: Lines) -> None:
    """The key is in the pipe when the flow asks: it must answer at once, not after the time-out."""
    answers: list[Any] = []
    busy, free = asyncio.Event(), asyncio.Event()

    async def flow(call: Call) -> None:
        await call.say(say("moment"))
        busy.set()
        await free.wait()
        answers.append(await call.key(allowed="1", seconds=60))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("moment")
    await busy.wait()
    await phone._until(lambda: phone._kind == "WAIT")
    free.set()
    phone._settle("1")
    assert await phone.over() == "hung_up"
    assert answers == ["1"]


@pytest.mark.parametrize(
    "line",
    [b"HANGUP\n", b"511 Command Not Permitted on a dead channel or intercept routine\n", b"200 result=-1\nHANGUP\n"],
    ids=repr,
)
async def test_every_way_to_say_that_the_caller_is_gone(lines: Lines, line: bytes) -> None:
    phone = await lines.call(welcome)
    await phone.hears("welcome")
    phone.left = "hung_up"
    await phone.send_raw(line)
    journal = await lines.journal()
    assert journal.outcome is Outcome.gave_up
    assert [h.key for h in journal.heard if not h.interrupted] == []


@pytest.mark.parametrize(
    "line",
    [
        b"500 broken\n",
        b"\n",
        b"\xff\xfe\n",
        b"200 result=x\n",
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: more\n520 End of proper usage.\n",
    ],
    ids=repr,
)
async def test_replies_that_make_no_sense_end_at_the_dialplans_fallback(lines: Lines, line: bytes) -> None:
    phone = await lines.call(welcome)
    await phone.hears("welcome")
    await phone.answers(line)
    await phone.hears_to_the_end("error.apology")
    journal = await lines.journal()
    assert journal.outcome is Outcome.failed


async def test_an_asterisk_that_never_replies_gets_its_caller_back(lines: Lines) -> None:
    """A prompt takes its seconds and a little more; then the connection is closed, and the dialplan goes on."""
    phone = await lines.call(welcome)
    await phone.hears("welcome")
    with contextlib.suppress(TimeoutError):
        await phone.over()
    assert await phone.over() == "dialplan"
    assert (await lines.journal()).outcome is Outcome.failed


async def test_a_reply_without_end_takes_no_memory(lines: Lines) -> None:
    phone = await lines.call(welcome)
    await phone.hears("welcome")
    await phone.send_raw(b"2" * 100_000)
    assert (await lines.journal()).outcome is Outcome.failed


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=50))
def test_any_words_arrive_as_they_were(word: str) -> None:
    assert _words(f"SET VARIABLE V {quoted(word)}") == ["SET", "VARIABLE", "V", word]


@pytest.mark.parametrize("word", ["a\nHANGUP", "a\r", "a\0"], ids=repr)
def test_no_word_can_start_another_command(word: str) -> None:
    with pytest.raises(AgiError):
        quoted(word)
