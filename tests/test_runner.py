"""Whatever happens in a conversation or to the service, the caller ends with a goodbye, a person, or the dialplan."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from callflows.call import Call, CallEnded, Caller, TransferNote, TransferOutcome
from callflows.desk import Desk
from calls.journal import Journal, Outcome
from ivr.runner import run_call
from prompts.prompt import Prompt
from tests.lines import BareDesk, Kept, Lines, say

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


class TroubledCall:
    """A call some of whose verbs fail."""

    def __init__(self, **failures: Exception) -> None:
        self.journal = Journal("1.0-aa", "+905321234567", NOW, "scripted")
        self.caller = Caller("+905321234567")
        self.call_id = "1.0-aa"
        self.done: list[str] = []
        self._failures = failures

    async def say(self, *prompts: Prompt) -> str | None:
        self._do("say", prompts[0].key)
        return None

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome:
        self._do("transfer", f"{queue} {note.reason} {note.priority}")
        return TransferOutcome.handed_over

    async def hang_up(self) -> None:
        self._do("hang_up", "")

    def _do(self, verb: str, what: str) -> None:
        if verb in self._failures:
            raise self._failures[verb]
        self.done.append(f"{verb} {what}".strip())


async def run(call: TroubledCall, error: Exception | None = None) -> Journal:
    records = Kept()

    async def flow(carried: Call, desk: Desk) -> None:
        carried.journal.outcome = Outcome.served
        if error:
            raise error

    await run_call(call, BareDesk(), flow=flow, records=records, now=lambda: NOW)  # type: ignore[arg-type]
    return records.journals.get_nowait()


async def test_a_finished_conversation_is_hung_up_and_kept() -> None:
    call = TroubledCall()
    journal = await run(call)
    assert call.done == ["hang_up"]
    assert (journal.outcome, journal.ended) == (Outcome.served, NOW)


async def test_a_caller_who_hung_up_keeps_the_outcome_of_the_conversation() -> None:
    call = TroubledCall()
    journal = await run(call, CallEnded())
    assert (journal.outcome, journal.reason) == (Outcome.served, None)


async def test_a_failed_conversation_ends_with_an_apology_and_a_person() -> None:
    call = TroubledCall()
    journal = await run(call, ValueError("a mistake"))
    assert call.done == ["say error.apology", "transfer alo185-agents failed 5"]
    assert (journal.outcome, journal.reason) == (Outcome.failed, "failed")


@pytest.mark.parametrize("verb", ["say", "transfer"])
async def test_a_caller_who_hangs_up_at_the_apology_is_kept_as_failed(verb: str) -> None:
    journal = await run(TroubledCall(**{verb: CallEnded()}), ValueError("a mistake"))
    assert journal.outcome is Outcome.failed


@pytest.mark.parametrize("verb", ["say", "transfer"])
async def test_what_cannot_apologise_or_transfer_leaves_the_call_to_the_dialplan(
    verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    call = TroubledCall(**{verb: OSError("broken")})
    journal = await run(call, ValueError("a mistake"))
    assert "hang_up" not in call.done
    assert not any(done.startswith("transfer") for done in call.done)
    assert journal.outcome is Outcome.failed
    assert [r.levelno for r in caplog.records] == [logging.ERROR] * 2
    assert "5321234567" not in caplog.text


async def test_a_line_that_cannot_be_hung_up_is_no_lost_record() -> None:
    journal = await run(TroubledCall(hang_up=OSError("broken")))
    assert journal.ended == NOW


async def test_a_stopping_service_lets_its_calls_finish(tmp_path: Path) -> None:
    async def flow(call: Call) -> None:
        await call.say(say("outage"))
        await call.say(say("goodbye"))

    async with Lines("ari", tmp_path).serving() as lines:
        phone = await lines.call(flow)
        await phone.hears("outage")
        assert lines.server
        stopping = asyncio.create_task(lines.server.shutdown())
        await asyncio.sleep(0)
        assert not lines.exchange.open
        with pytest.raises(InvalidStatus):
            await lines.phone().dial()
        await phone.hears_to_the_end("outage", "goodbye")
        assert await phone.over() == "hung_up"
        assert phone.variables == {"ALO185_DONE": "1"}
        await stopping
