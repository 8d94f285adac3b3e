"""What a citizen experiences of being called: once for each attempt, not too often, and by nobody whom they refused."""

import asyncio
from datetime import timedelta

import pytest

from dialling.claiming import CLAIMED_FOR, claim
from dialling.forgetting import forget_called
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.leases import LONGEST_TALK, REPORTED_WITHIN, RINGS_FOR
from dialling.rules import Lines
from dialling.service import CallBacks
from dialling.work import TRY_AGAIN
from tests.calling_world import CITIZEN, MINUTE, NEIGHBOUR, SECRET, TICKET, CallRoom
from tests.outage_world import HOUR

LOST = RINGS_FOR + REPORTED_WITHIN


async def test_a_citizen_is_called_says_yes_and_is_left_in_peace(room: CallRoom) -> None:
    call_id = await room.ask()
    assert await room.dialler().round() == 1
    [ring] = room.trunk.rings
    assert ring.number == CITIZEN
    assert await room.talk(ring.token, Verdict.solved)
    assert room.told.words == [f"solved {TICKET}"]
    room.later(30 * HOUR)
    assert await room.dialler().round() == 0
    call, [attempt] = await room.call(call_id), await room.attempts()
    assert (call.state, call.verdict, call.attempts) == (State.done, Verdict.solved, 1)
    assert (attempt.why, attempt.trunk, attempt.outcome) == (Why.ticket_check, room.trunk.name, Outcome.person)
    assert "İyi günler." in (attempt.heard or "")
    assert attempt.keys == '[[3.1, "1"]]'
    assert attempt.answered
    assert attempt.ended


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Outcome.busy, 17),
        (Outcome.no_answer, 19),
        (Outcome.rejected, 21),
        (Outcome.failed, 38),
        (Outcome.machine, 16),
        (Outcome.hung_up, 16),
    ],
)
async def test_who_was_not_reached_is_called_again_after_growing_pauses(
    room: CallRoom, outcome: Outcome, cause: int
) -> None:
    room.rules = type(room.rules)(room.rules.hours, attempts=3)
    call_id = await room.ask()
    for pause in (timedelta(), 15 * MINUTE, HOUR):
        if pause:
            room.later(pause - MINUTE)
            assert await room.dialler().round() == 0
            room.later(MINUTE)
        assert await room.dialler().round() == 1
        await room.report(room.trunk.rings[-1].token, outcome, cause)
    assert (await room.call(call_id)).state == State.given_up
    assert room.told.words == [f"unreachable {TICKET}"]
    assert [(a.outcome, a.cause) for a in await room.attempts()] == [(outcome, cause)] * 3
    room.later(72 * HOUR)
    assert await room.dialler().round() == 0


async def test_a_number_that_nobody_has_is_dialled_once(room: CallRoom) -> None:
    call_id = await room.ask()
    await room.dialler().round()
    await room.report(room.trunk.rings[0].token, Outcome.failed, 1)
    assert (await room.call(call_id)).state == State.given_up


async def test_two_reasons_are_two_calls_one_after_the_other_and_the_same_reason_is_one(room: CallRoom) -> None:
    first = await room.ask()
    assert await room.ask() == first
    second = await room.ask("outage 7", why=Why.restoration)
    third = await room.ask("outage 8", why=Why.planned_notice, priority=5)
    assert [(await room.call(each)).state for each in (first, second, third)] == [
        State.behind,
        State.behind,
        State.waiting,
    ]
    for expected in (third, first, second):
        assert await room.dialler().round() == 1
        assert await room.dialler().round() == 0
        await room.talk(room.trunk.rings[-1].token, Verdict.told)
        assert (await room.call(expected)).state == State.done


async def test_who_wants_no_calls_gets_none_but_those_asked_for(room: CallRoom) -> None:
    planned = await room.ask("outage 7", why=Why.restoration)
    running = await room.ask(priority=9)
    await room.dialler().round()
    await room.talk(room.trunk.rings[0].token, Verdict.opted_out)
    assert [(await room.call(each)).state for each in (planned, running)] == [State.opted_out] * 2
    assert sorted(room.told.words) == [f"opted out {TICKET}", "opted out outage 7"]
    assert (await room.call(await room.ask("26-004218"))).state == State.opted_out
    assert await room.dialler().round() == 0
    await room.ask("call 1", why=Why.queue_callback)
    assert await room.dialler().round() == 1
    async with room.db.session() as session:
        assert await CallBacks(session, room.clock, SECRET).allow_again(CITIZEN)
        await session.commit()
    assert (await room.call(await room.ask("26-004219"))).state == State.behind


async def test_nobody_is_called_in_the_night_or_after_it_is_of_use(room: CallRoom) -> None:
    late = await room.ask("outage 7", NEIGHBOUR, Why.planned_notice, until=room.clock() + 10 * HOUR)
    room.later(9 * HOUR)  # nine in the evening
    await room.ask()
    assert await room.dialler().round() == 0
    room.later(12 * HOUR)
    assert await room.dialler().round() == 1
    assert [ring.number for ring in room.trunk.rings] == [CITIZEN]
    assert (await room.call(late)).state == State.given_up
    assert room.told.words == ["unreachable outage 7"]


async def test_one_number_rings_three_times_a_day_whatever_the_reasons(room: CallRoom) -> None:
    for number in range(5):
        await room.ask(f"26-00000{number}")
    placed = 0
    for _ in range(5):
        placed += await room.dialler().round()
        if placed <= 3 and room.trunk.rings:
            await room.talk(room.trunk.rings[-1].token, Verdict.solved)
    assert placed == 3
    room.later(24 * HOUR)
    assert await room.dialler().round() == 1


async def test_those_who_call_us_find_a_free_line(room: CallRoom) -> None:
    room.lines = Lines(channels=10, reserved=0.5, at_once=10)
    for number in range(8):
        await room.ask(number=f"+90532123456{number}")
    room.traffic.taken = 3
    assert await room.dialler().round() == 2
    assert await room.dialler().round() == 0
    room.traffic.taken = 0
    assert await room.dialler().round() == 3


async def test_calls_are_placed_at_the_set_pace(room: CallRoom) -> None:
    for number in range(4):
        await room.ask(number=f"+90532123456{number}")
    dialler, placed = room.dialler(per_second=0.5), []
    for _ in range(5):
        placed.append(await dialler.round())
        room.seconds += 1.0
    assert placed == [1, 0, 1, 0, 1]


async def test_who_kept_a_place_in_the_queue_is_called_when_an_agent_is_free(room: CallRoom) -> None:
    await room.ask("call 1", why=Why.queue_callback)
    room.traffic.free = False
    assert await room.dialler().round() == 0
    room.traffic.free = True
    assert await room.dialler().round() == 1


async def test_without_an_exchange_nothing_rings_and_it_is_tried_again(room: CallRoom) -> None:
    call_id = await room.ask()
    room.trunk.refuses = True
    assert await room.dialler().round() == 0
    assert (await room.call(call_id)).attempts == 0
    room.trunk.refuses = False
    room.later(TRY_AGAIN)
    assert await room.dialler().round() == 1
    assert [a.outcome for a in await room.attempts()] == [Outcome.failed, None]


async def test_an_exchange_that_is_away_is_asked_twice_a_minute(room: CallRoom) -> None:
    for number in range(5):
        await room.ask(number=f"+90532123456{number}")
    dialler, room.trunk.refuses = room.dialler(per_second=1), True
    for _ in range(60):
        await dialler.round()
        room.later(timedelta(seconds=1))
    assert len(await room.attempts()) == 2


async def test_an_exchange_that_breaks_off_may_have_rung_so_it_does_not_ring_again_at_once(room: CallRoom) -> None:
    await room.ask()
    room.trunk.silent = True
    await room.dialler().round()
    room.later(LOST)
    assert await room.dialler().round() == 0
    assert [a.outcome for a in await room.attempts()] == [Outcome.unknown]
    room.later(15 * MINUTE - LOST)
    assert await room.dialler().round() == 1
    assert len({ring.token for ring in room.trunk.rings}) == 2


async def test_what_a_dead_worker_had_claimed_is_dialled_by_another_within_half_a_minute(room: CallRoom) -> None:
    await room.ask()
    async with room.db.session() as session:
        assert len(await claim(session, "dead", room.clock(), 5)) == 1
        await session.commit()
    assert await room.dialler().round() == 0
    room.later(CLAIMED_FOR)
    assert timedelta(seconds=30) > CLAIMED_FOR
    assert await room.dialler().round() == 1


async def test_a_worker_that_was_stopped_too_long_has_lost_its_turn(room: CallRoom) -> None:
    call_id = await room.ask()
    async with room.db.session() as session:
        await claim(session, "stopped", room.clock(), 5)
        await session.commit()
    room.later(CLAIMED_FOR)
    async with room.work() as work:
        assert await work.dial(call_id, "stopped", "trunk") is None
    assert await room.dialler().round() == 1


async def test_a_conversation_that_never_ends_is_given_up_and_its_verdict_counts(room: CallRoom) -> None:
    call_id = await room.ask()
    await room.dialler().round()
    token = room.trunk.rings[0].token
    async with room.work() as work:
        assert await work.begin(token)
        await work.conclude(token, Verdict.not_solved)
    room.later(LONGEST_TALK)
    await room.dialler().round()
    assert (await room.call(call_id)).state == State.done
    assert room.told.words == [f"not solved {TICKET}"]


async def test_somebody_who_answers_late_is_talked_to_and_not_called_again(room: CallRoom) -> None:
    """The worker died and the attempt was given up, yet the telephone rang on."""
    call_id = await room.ask()
    await room.dialler().round()
    room.later(LOST)
    await room.dialler().round()
    assert await room.talk(room.trunk.rings[0].token, Verdict.solved)
    room.later(24 * HOUR)
    assert await room.dialler().round() == 0
    assert (await room.call(call_id)).state == State.done


async def test_the_first_word_about_an_attempt_counts(room: CallRoom) -> None:
    await room.ask()
    await room.dialler().round()
    token = room.trunk.rings[0].token
    await room.report(token, Outcome.busy, 17)
    await room.report(token, Outcome.no_answer, 19)
    assert not await room.talk(token, Verdict.solved)
    assert [a.outcome for a in await room.attempts()] == [Outcome.busy]
    assert room.told.words == []
    await room.report("no such token", Outcome.busy, 17)


async def test_what_is_settled_elsewhere_is_no_reason_to_call(room: CallRoom) -> None:
    first, second = await room.ask(), await room.ask("outage 7", why=Why.restoration)
    async with room.db.session() as session:
        assert await CallBacks(session, room.clock, SECRET).cancel(Why.ticket_check, TICKET) == 1
        await session.commit()
    assert (await room.call(first)).state == State.cancelled
    assert (await room.call(second)).state == State.waiting


async def test_what_was_settled_while_it_rang_is_not_tried_again(room: CallRoom) -> None:
    call_id = await room.ask()
    await room.dialler().round()
    room.told.still_asked = False
    await room.report(room.trunk.rings[0].token, Outcome.busy, 17)
    assert (await room.call(call_id)).state == State.cancelled
    assert room.told.tries == [Outcome.busy]


async def test_who_is_still_being_said_goodbye_to_can_be_asked_anew(room: CallRoom) -> None:
    first = await room.ask()
    await room.dialler().round()
    async with room.answered(room.trunk.rings[0].token, Verdict.not_solved):
        again = await room.ask()
        assert await room.ask() == again != first
        assert (await room.call(again)).state == State.behind
    assert [(await room.call(each)).state for each in (first, again)] == [State.done, State.waiting]


async def test_in_time_it_is_forgotten_who_was_called_but_not_that(room: CallRoom) -> None:
    done, refused = await room.ask(), await room.ask("26-000001", NEIGHBOUR)
    await room.dialler().round()
    by_number = {ring.number: ring.token for ring in room.trunk.rings}
    await room.talk(by_number[CITIZEN], Verdict.solved)
    await room.talk(by_number[NEIGHBOUR], Verdict.opted_out)
    for days, expected in ((89, CITIZEN), (2, None)):
        room.later(timedelta(days=days))
        await forget_called(room.db, room.clock(), timedelta(days=90))
        assert (await room.call(done)).number == expected
    assert [(a.number_hash, a.heard, a.keys, a.outcome) for a in await room.attempts()] == [
        ("", None, None, Outcome.person)
    ] * 2
    assert (await room.call(refused)).number is None
    assert (await room.call(await room.ask("26-000002", NEIGHBOUR))).state == State.opted_out


async def test_reasons_that_come_at_the_same_moment_are_one_call_at_a_time(room: CallRoom) -> None:
    subjects = ["26-000001"] * 4 + [f"26-{number:06}" for number in range(2, 6)]
    asked = await asyncio.gather(*(room.ask(subject) for subject in subjects))
    assert len(set(asked)) == 5
    states = [(await room.call(each)).state for each in set(asked)]
    assert sorted(states) == [State.behind] * 4 + [State.waiting]
    for _ in set(asked):
        room.later(24 * HOUR)
        assert await room.dialler().round() == 1
        await room.talk(room.trunk.rings[-1].token, Verdict.solved)
    assert [(await room.call(each)).state for each in set(asked)] == [State.done] * 5
