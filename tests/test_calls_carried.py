"""What a caller experiences, alike over ARI and FastAGI."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callflows.call import Call, CallEnded, Recording, TransferNote, TransferOutcome, Unspeakable
from calls.journal import Journal, Outcome
from tests.lines import Lines, say

LATE = 0.05
"""Seconds of silence in tests."""


@pytest.fixture(params=["ari", "agi"])
async def lines(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lines]:
    async with Lines(request.param, tmp_path).serving() as serving:
        yield serving


def heard(journal: Journal) -> list[str]:
    """Keys of the prompts in order, with a dash where one was cut short."""
    return [h.key + ("-" if h.interrupted else "") for h in journal.heard]


async def test_prompts_are_said_in_order_and_the_line_is_hung_up(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        assert await call.say(say("welcome"), say("outage")) is None
        assert await call.say(say("goodbye")) is None

    phone = await lines.call(flow)
    await phone.hears_to_the_end("welcome", "outage", "goodbye")
    assert await phone.over() == "hung_up"
    assert phone.answered
    assert phone.variables == {"ALO185_DONE": "1"}
    journal = await lines.journal()
    assert heard(journal) == ["welcome", "outage", "goodbye"]
    assert journal.heard[0].text == "text of welcome"
    assert journal.driver == lines.driver
    assert journal.answered
    assert journal.ended
    assert journal.started <= journal.answered <= journal.heard[0].at <= journal.ended


async def test_a_key_interrupts_and_answers_the_next_question(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.say(say("outage"), say("details"), say("advice")))
        answers.append(await call.key(say("menu"), allowed="12"))
        answers.append(await call.key(say("menu"), allowed="12", seconds=LATE))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("outage")
    await phone.hears("details")
    await phone.press("1")
    await phone.hears_to_the_end("menu")
    await phone.over()
    assert answers == ["1", "1", None]
    assert phone.started == ["outage", "details", "menu"]
    journal = await lines.journal()
    assert heard(journal) == ["outage", "details-", "menu"]
    assert [p.keys for p in journal.pressed] == ["1"]


async def test_a_warning_is_heard_to_its_end_and_keys_are_kept(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.say(say("hazard", skippable=False), say("after"), say("again", skippable=False)))
        answers.append(await call.key(say("menu"), allowed="12"))

    phone = await lines.call(flow)
    await phone.hears("hazard")
    await phone.press("2")
    await phone.hears_to_the_end("hazard", "again")
    await phone.over()
    assert answers == ["2", "2"]
    assert heard(await lines.journal()) == ["hazard", "again"]


async def test_keys_typed_ahead_answer_several_questions(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        await call.say(say("hazard", skippable=False))
        answers.append(await call.key(say("menu"), allowed="123"))
        answers.append(await call.digits(say("district"), at_most=3))
        answers.append(await call.key(say("right"), allowed="1"))

    phone = await lines.call(flow)
    await phone.hears("hazard")
    await phone.press("1432*")
    await phone.hears_to_the_end("hazard")
    await phone.over()
    assert answers == ["1", "432", "*"]
    assert phone.started == ["hazard"]


async def test_a_wrong_key_is_the_flows_business(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.key(say("menu"), allowed="12"))

    phone = await lines.call(flow)
    await phone.hears("menu")
    await phone.press("7")
    await phone.over()
    assert answers == ["7"]


async def test_silence_is_no_answer(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.key(say("menu"), allowed="12", seconds=LATE))
        answers.append(await call.digits(say("district"), at_most=3, seconds=LATE))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("menu", "district")
    await phone.over()
    assert answers == [None, None]
    assert (await lines.journal()).pressed == []


@pytest.mark.parametrize(
    ("keys", "entry"), [("496", "496"), ("49#", "49"), ("4", "4"), ("#", ""), ("*0#", "*0")], ids=repr
)
async def test_an_entry_ends_when_full_or_by_hash_or_by_silence(lines: Lines, keys: str, entry: str) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.digits(say("district"), at_most=3, seconds=LATE * 4))

    phone = await lines.call(flow)
    await phone.hears("district")
    await phone.press(keys)
    await phone.over()
    assert answers == [entry]


async def test_a_hash_after_a_full_entry_interrupts_nothing(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        answers.append(await call.digits(say("district"), at_most=3))
        answers.append(await call.key(say("right"), allowed="1#"))
        answers.append(await call.key(say("again"), allowed="1#"))

    phone = await lines.call(flow)
    await phone.hears("district")
    await phone.press("496")
    await phone.hears("right")
    await phone.press("#")
    await phone.press("1")
    await phone.hears("again")
    await phone.press("#")
    await phone.over()
    assert answers == ["496", "1", "#"]


async def test_private_entries_are_marked_in_the_journal(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.digits(say("number"), at_most=11, private=True)

    phone = await lines.call(flow)
    await phone.hears("number")
    await phone.press("05321234567")
    await phone.over()
    (pressed,) = (await lines.journal()).pressed
    assert (pressed.keys, pressed.private) == ("05321234567", True)


async def test_keys_pressed_while_the_flow_is_busy_are_kept(lines: Lines) -> None:
    answers: list[Any] = []
    opened = asyncio.Event()

    async def flow(call: Call) -> None:
        await call.say(say("moment"))
        await opened.wait()
        answers.append(await call.digits(say("next"), at_most=2))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("moment")
    await phone.press("31")
    opened.set()
    await phone.over()
    assert answers == ["31"]
    assert phone.started == ["moment"]


async def test_a_busy_flow_goes_on_speaking(lines: Lines) -> None:
    """The wait for keys meanwhile is over when the next prompt comes, without any key."""
    opened = asyncio.Event()

    async def flow(call: Call) -> None:
        await call.say(say("moment"))
        await opened.wait()
        await call.say(say("ticket"))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("moment")
    if lines.driver == "agi":
        await phone._until(lambda: phone._kind == "WAIT")
    opened.set()
    await phone.hears_to_the_end("ticket")
    assert await phone.over() == "hung_up"


@pytest.mark.parametrize("moment", ["speech", "question", "record"])
async def test_a_caller_who_hangs_up_ends_the_flow(lines: Lines, moment: str) -> None:
    ended: list[str] = []

    async def flow(call: Call) -> None:
        try:
            await call.say(say("welcome"), say("outage"))
            await call.key(say("menu"), allowed="1", seconds=60)
            await call.record(say("speak"), seconds=60)
        except CallEnded:
            ended.append("first")
        await call.say(say("more"))
        ended.append("never")

    phone = await lines.call(flow)
    await phone.hears_to_the_end("welcome")
    await phone.hears("outage")
    if moment != "speech":
        await phone.finish()
        await phone.hears_to_the_end("menu")
    if moment == "record":
        await phone.press("1")
        await phone.hears_to_the_end("speak")
        await phone.speak(loud=False, ended_by="hang_up")
    else:
        await phone.hang_up()
    journal = await lines.journal()
    await lines.exchange.drain(5)
    assert ended == ["first"]
    assert journal.outcome is Outcome.gave_up
    assert heard(journal)[:2] == ["welcome", "outage-" if moment == "speech" else "outage"]
    assert "more" not in heard(journal)
    assert list(lines.incoming.iterdir()) == []


async def test_a_message_is_kept_when_its_speaker_hangs_up_instead_of_ending_it(lines: Lines) -> None:
    kept: list[float] = []

    async def flow(call: Call) -> None:
        if recording := await call.record(say("speak"), seconds=60):
            kept.append(recording.seconds)
        await call.say(say("more"))
        kept.append(0)

    phone = await lines.call(flow)
    await phone.hears_to_the_end("speak")
    await phone.speak(2.0, ended_by="hang_up")
    assert "more" not in heard(await lines.journal())
    assert kept == [2.0]


async def test_who_hangs_up_without_a_word_leaves_no_message(lines: Lines) -> None:
    kept: list[object] = []

    async def flow(call: Call) -> None:
        kept.append(await call.record(say("speak"), seconds=60))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("speak")
    await phone.speak(2.0, loud=False, ended_by="hang_up")
    await lines.journal()
    assert kept == []


async def test_a_lost_connection_ends_the_flow(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("welcome"))

    phone = await lines.call(flow)
    await phone.hears("welcome")
    await phone.cut()
    assert heard(await lines.journal()) == ["welcome-"]


async def test_a_ticket_is_written_to_its_end_when_the_caller_hangs_up_meanwhile(lines: Lines) -> None:
    written: list[str] = []
    writing, committed = asyncio.Event(), asyncio.Event()

    async def flow(call: Call) -> None:
        await call.say(say("moment"))
        writing.set()
        await committed.wait()
        written.append("26-004217")
        await call.say(say("ticket"))
        written.append("never")

    phone = await lines.call(flow)
    await phone.hears_to_the_end("moment")
    await writing.wait()
    await phone.hang_up()
    committed.set()
    await lines.journal()
    assert written == ["26-004217"]


async def test_a_message_is_recorded(lines: Lines) -> None:
    messages: list[Recording | None] = []
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        messages.append(await call.record(say("speak"), seconds=60))
        assert messages[0]
        assert messages[0].path.exists()
        messages[0].path.rename(lines.incoming.parent / "ticket.wav")
        answers.append(await call.key(say("menu"), allowed="1", seconds=LATE))

    phone = await lines.call(flow)
    await phone.hears("speak")
    await phone.press("5")
    await phone.speak(2.0, ended_by="#")
    await phone.hears_to_the_end("menu")
    await phone.over()
    (message,) = messages
    assert message
    assert message.seconds == 2.0
    assert message.path.parent == lines.incoming
    assert answers == [None], "neither the key that skipped the prompt nor the one that ended the message is an answer"
    assert (lines.incoming.parent / "ticket.wav").exists()


async def test_a_caller_hears_their_own_message_until_a_key(lines: Lines) -> None:
    answers: list[Any] = []

    async def flow(call: Call) -> None:
        message = await call.record(say("speak"), seconds=60)
        assert message
        answers.append(await call.play_back(message))
        answers.append(await call.play_back(message))
        answers.append(await call.key(say("menu"), allowed="1", seconds=LATE))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("speak")
    await phone.speak(2.0)
    (message,) = lines.incoming.iterdir()
    await phone.hears_to_the_end(message.stem)
    await phone.hears(message.stem)
    await phone.press("1")
    assert await phone.over() == "hung_up"
    assert answers == [None, "1", "1"]
    assert heard(await lines.journal()) == ["speak", "record.message", "record.message-"]


async def test_a_message_that_is_gone_is_not_passed_over_in_silence(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        message = await call.record(say("speak"), seconds=60)
        assert message
        phone.missing.add(message.path.stem)
        await call.play_back(message)

    phone = await lines.call(flow)
    await phone.hears_to_the_end("speak")
    await phone.speak(2.0)
    await phone.hears_to_the_end("error.apology")
    assert (await lines.journal()).outcome is Outcome.failed


async def test_a_message_without_a_word_is_none_and_leaves_no_file(lines: Lines) -> None:
    messages: list[Recording | None] = []

    async def flow(call: Call) -> None:
        messages.append(await call.record(say("speak"), seconds=60))
        messages.append(await call.record(say("speak"), seconds=60))

    phone = await lines.call(flow)
    await phone.hears_to_the_end("speak")
    await phone.speak(3.0, loud=False)
    await phone.hears_to_the_end("speak")
    await phone.speak(0.1)
    await phone.over()
    await lines.exchange.drain(5)
    assert messages == [None, None]
    assert list(lines.incoming.iterdir()) == []


async def test_an_agent_is_told_reason_area_and_ticket(lines: Lines) -> None:
    outcomes: list[TransferOutcome] = []
    ticket = {"ticket": "26-004217"}

    async def flow(call: Call) -> None:
        note = TransferNote("hazard", area='Yeni "Mah"\\alle,\r\nDONE', language="en", priority=10, extra=ticket)
        outcomes.append(await call.transfer("alo185-agents", note))
        await call.say(say("never"))

    phone = await lines.call(flow)
    assert await phone.over() == "dialplan"
    assert phone.variables == {
        "ALO185_QUEUE": "alo185-agents",
        "ALO185_REASON": "hazard",
        "ALO185_AREA": 'Yeni "Mah"\\alle,  DONE',
        "ALO185_LANGUAGE": "en",
        "ALO185_PRIORITY": "10",
        "ALO185_TICKET": "26-004217",
        "ALO185_PLACE": "",
        "ALO185_SINCE": "",
        "ALO185_DONE": "1",
    }
    assert heard(await lines.journal()) == []
    assert outcomes == [TransferOutcome.handed_over]


@pytest.mark.parametrize("where", ["first", "middle", "last"])
async def test_a_missing_file_leads_to_an_apology_and_a_person(lines: Lines, where: str) -> None:
    order = {"first": ["lost", "a", "b"], "middle": ["a", "lost", "b"], "last": ["a", "b", "lost"]}[where]

    async def flow(call: Call) -> None:
        await call.say(*map(say, order))

    phone = lines.phone()
    phone.missing = {"lost"}
    lines.flow = flow
    await phone.dial()
    before, after = order[: order.index("lost")], order[order.index("lost") + 1 :]
    await phone.hears_to_the_end(*before, *(after if phone.passes_over else []), "error.apology")
    assert await phone.over() == "dialplan"
    assert phone.variables["ALO185_QUEUE"] == "alo185-agents"
    assert phone.variables["ALO185_DONE"] == "1"
    journal = await lines.journal()
    assert journal.outcome is Outcome.failed
    *told, last = heard(journal)
    # of what is alike in length, nobody knows which was passed over
    assert (told, last) == ([] if phone.passes_over else before, "error.apology")


async def test_what_is_not_made_at_the_slow_pace_is_said_at_the_normal_one(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage").slower(), say("menu").slower())

    phone = await lines.call(flow)
    await phone.hears_to_the_end("outage", "menu-slow")
    assert await phone.over() == "hung_up"
    assert heard(await lines.journal()) == ["outage", "menu"]


async def test_a_phrase_that_was_never_rendered_stops_the_sentence_before_it_begins(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        with pytest.raises(Unspeakable, match="unrecorded in tr"):
            await call.say(say("outage"), say("unrecorded"))

    phone = await lines.call(flow)
    await phone.over()
    assert phone.started == []


async def test_an_error_of_ours_leads_to_an_apology_and_a_person(
    lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    async def flow(call: Call) -> None:
        call.journal.language = "en"
        raise ValueError("a mistake")

    phone = await lines.call(flow)
    await phone.hears_to_the_end("error.apology")
    assert await phone.over() == "dialplan"
    assert phone.variables["ALO185_LANGUAGE"] == "en"
    assert (await lines.journal()).reason == "failed"
    assert "…67" in caplog.text
    assert "5321234567" not in caplog.text


async def test_when_even_the_apology_is_missing_the_dialplans_own_announcement_goes_on(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        raise ValueError("a mistake")

    phone = lines.phone()
    phone.missing = {"error.apology"}
    lines.flow = flow
    await phone.dial()
    assert await phone.over() == "dialplan"
    assert "ALO185_DONE" not in phone.variables
    assert (await lines.journal()).outcome is Outcome.failed


async def test_hanging_up_twice_is_hanging_up(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.hang_up()
        await call.hang_up()
        with pytest.raises(CallEnded):
            await call.say(say("never"))

    phone = await lines.call(flow)
    assert await phone.over() == "hung_up"
    assert (await lines.journal()).outcome is Outcome.gave_up
    assert phone.started == []


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("05321234567", "+905321234567"),
        ("5321234567", "+905321234567"),
        ("+905321234567", "+905321234567"),
        ("00905321234567", "+905321234567"),
        ("02623150185", "+902623150185"),
        ("+493012345678", "+493012345678"),
        ("anonymous", None),
        ("185", None),
        ("", None),
        ("9" * 400, None),
        ("'; DROP TABLE calls", None),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_the_callers_number_is_e164_or_unknown(lines: Lines, shown: str, number: str | None) -> None:
    phone = await lines.call(lines._nothing, shown)
    await phone.over()
    journal = await lines.journal()
    assert journal.caller == number
    assert journal.call_id.startswith("1795556035.7-")


async def test_two_calls_never_share_an_id(lines: Lines) -> None:
    ids = set()
    for _ in range(2):
        phone = await lines.call(lines._nothing)
        await phone.over()
        ids.add((await lines.journal()).call_id)
    assert len(ids) == 2


async def test_a_record_that_cannot_be_kept_hurts_no_call(lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    lines.records.broken = True
    phone = await lines.call(lines._nothing)
    assert await phone.over() == "hung_up"
    await lines.journal()
    lines.records.broken = False
    phone = await lines.call(lines._nothing)
    assert await phone.over() == "hung_up"
    assert "was lost" in caplog.text


async def test_many_calls_at_once_are_all_served(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.key(say("menu"), allowed="1", seconds=60)

    phones = [await lines.call(flow) for _ in range(40)]
    for phone in phones:
        await phone.hears("menu")
        await phone.press("1")
    assert {await phone.over() for phone in phones} == {"hung_up"}
    assert {p.keys for _ in phones for p in (await lines.journal()).pressed} == {"1"}


async def test_calls_that_run_may_finish_when_the_service_stops(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    draining = asyncio.create_task(lines.exchange.drain(5))
    await asyncio.sleep(0)
    assert not lines.exchange.open
    await phone.finish()
    assert await phone.over() == "hung_up"
    await draining
    assert lines.exchange.calls == 0


async def test_calls_that_take_too_long_go_on_in_the_dialplan(lines: Lines) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))

    phone = await lines.call(flow)
    await phone.hears("outage")
    await lines.exchange.drain(0.01)
    assert await phone.over() == "dialplan"
    assert "ALO185_DONE" not in phone.variables
    assert heard(await lines.journal()) == ["outage-"]
