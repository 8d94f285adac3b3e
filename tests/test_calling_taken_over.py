"""A worker dies while telephones ring or people talk: others see to it within half a minute, and nobody rings twice."""

from datetime import timedelta

import pytest

from dialling.dialler import Dialler
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.leases import ALIVE_FOR, BEAT, LONGEST_TALK, REPORTED_WITHIN, RINGS_FOR
from dialling.rules import Lines
from tests.calling_world import MINUTE, NEIGHBOUR, TICKET, CallRoom
from tests.outage_world import HOUR

LOST = RINGS_FOR + REPORTED_WITHIN
SECOND = timedelta(seconds=1)


async def lives_through(room: CallRoom, worker: Dialler, span: timedelta, *, other: Dialler) -> None:
    """A worker that tells that it lives, beside another that would take over."""
    for _ in range(int(span.total_seconds() / BEAT)):
        room.later(timedelta(seconds=BEAT))
        await worker.beat()
        await other.round()


async def test_what_rang_for_a_dead_worker_waits_for_its_next_attempt_within_half_a_minute(room: CallRoom) -> None:
    call_id = await room.ask()
    await room.dialler().round()
    room.later(ALIVE_FOR - SECOND)
    await room.dialler().round()
    assert (await room.call(call_id)).state == State.dialling
    room.later(SECOND)
    await room.dialler().round()
    call, [attempt] = await room.call(call_id), await room.attempts()
    assert timedelta(seconds=30) > ALIVE_FOR
    assert (call.state, attempt.outcome) == (State.waiting, Outcome.unknown)
    room.later(15 * MINUTE - ALIVE_FOR - SECOND)
    assert await room.dialler().round() == 0
    room.later(SECOND)
    assert await room.dialler().round() == 1


async def test_what_rings_for_a_living_worker_is_left_to_it(room: CallRoom) -> None:
    call_id = await room.ask()
    worker = room.dialler()
    await worker.round()
    await lives_through(room, worker, RINGS_FOR, other=room.dialler())
    assert (await room.call(call_id)).state == State.dialling
    await room.report(room.trunk.rings[0].token, Outcome.no_answer, 19)
    assert [a.outcome for a in await room.attempts()] == [Outcome.no_answer]


async def test_a_living_worker_does_not_wait_for_ever_for_a_word(room: CallRoom) -> None:
    call_id = await room.ask()
    worker = room.dialler()
    await worker.round()
    await lives_through(room, worker, LOST, other=room.dialler())
    assert (await room.call(call_id)).state == State.waiting
    assert len(room.trunk.rings) == 1


async def test_a_conversation_lasts_while_who_holds_it_lives(room: CallRoom) -> None:
    call_id = await room.ask()
    worker = room.dialler()
    await worker.round()
    token = room.trunk.rings[0].token
    async with room.work() as work:
        assert await work.begin(token, worker.name)
    await lives_through(room, worker, LONGEST_TALK - timedelta(seconds=BEAT), other=room.dialler())
    assert (await room.call(call_id)).state == State.answered
    await lives_through(room, worker, timedelta(seconds=BEAT), other=room.dialler())
    assert (await room.call(call_id)).state == State.waiting


@pytest.mark.parametrize(("said", "state"), [([Verdict.not_solved], State.done), ([], State.waiting)])
async def test_a_conversation_ends_with_the_process_that_held_it(
    room: CallRoom, said: list[Verdict], state: State
) -> None:
    call_id = await room.ask()
    placing, talking = room.dialler(), room.dialler()
    await placing.round()
    token = room.trunk.rings[0].token
    async with room.work() as work:
        assert await work.begin(token, talking.name)
        for verdict in said:
            await work.conclude(token, verdict)
    await lives_through(room, placing, ALIVE_FOR, other=room.dialler())
    assert (await room.call(call_id)).state == state
    assert len(room.trunk.rings) == 1


async def test_who_answers_after_the_worker_died_is_talked_to(room: CallRoom) -> None:
    call_id = await room.ask()
    await room.dialler().round()
    room.later(ALIVE_FOR)
    await room.dialler().round()
    room.later(10 * SECOND)
    assert await room.talk(room.trunk.rings[0].token, Verdict.solved)
    room.later(24 * HOUR)
    assert await room.dialler().round() == 0
    assert (await room.call(call_id)).state == State.done


async def test_the_last_attempt_is_not_given_up_while_it_may_still_ring(room: CallRoom) -> None:
    """Given up, nobody would talk to who answers, and the number's next call would ring beside it."""
    room.rules = type(room.rules)(room.rules.hours, attempts=1)
    call_id, behind = await room.ask(), await room.ask("outage 7", why=Why.restoration)
    await room.dialler().round()
    room.later(ALIVE_FOR)
    await room.dialler().round()
    assert (await room.call(call_id)).state == State.dialling
    assert (await room.call(behind)).state == State.behind
    assert await room.talk(room.trunk.rings[0].token, Verdict.solved)
    assert room.told.words == [f"solved {TICKET}"]


async def test_the_last_attempt_is_given_up_once_it_rings_no_more(room: CallRoom) -> None:
    room.rules = type(room.rules)(room.rules.hours, attempts=1)
    call_id = await room.ask()
    await room.dialler().round()
    for passed in (ALIVE_FOR, LOST - ALIVE_FOR):
        room.later(passed)
        await room.dialler().round()
    assert (await room.call(call_id)).state == State.given_up
    assert room.told.words == [f"unreachable {TICKET}"]


async def test_another_reason_does_not_ring_a_telephone_that_may_still_ring(room: CallRoom) -> None:
    await room.ask()
    await room.ask("outage 7", why=Why.restoration)
    await room.dialler().round()
    room.later(ALIVE_FOR)
    room.told.still_asked = False
    await room.dialler().round()
    assert len(room.trunk.rings) == 1
    room.later(LOST - ALIVE_FOR)
    assert await room.dialler().round() == 1
    assert len({ring.token for ring in room.trunk.rings}) == 2


async def test_telephones_that_ring_for_a_dead_worker_take_lines(room: CallRoom) -> None:
    room.lines = Lines(channels=10, reserved=0.0, at_once=1)
    await room.ask()
    await room.dialler().round()
    await room.ask("26-000002", NEIGHBOUR)
    room.later(ALIVE_FOR)
    assert await room.dialler().round() == 0
    room.later(RINGS_FOR - ALIVE_FOR)
    assert await room.dialler().round() == 1


async def test_what_is_said_to_a_process_that_seemed_dead_counts(room: CallRoom) -> None:
    """It was stopped for a while, or the database was away; the line was open all the same."""
    call_id = await room.ask()
    await room.dialler().round()
    token = room.trunk.rings[0].token
    async with room.work() as work:
        assert await work.begin(token, "stopped for a while")
    room.later(ALIVE_FOR)
    await room.dialler().round()
    assert (await room.call(call_id)).state == State.waiting
    async with room.work() as work:
        await work.conclude(token, Verdict.solved)
        await work.end(token, Outcome.person, [], [])
    assert room.told.words == [f"solved {TICKET}"]
    assert (await room.call(call_id)).state == State.done
    room.later(24 * HOUR)
    assert await room.dialler().round() == 0
    assert [(a.outcome, a.verdict) for a in await room.attempts()] == [(Outcome.person, Verdict.solved)]
