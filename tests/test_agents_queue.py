"""The agents' queue as Asterisk tells it, in whatever order its reports come, and who is believed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from calls.agents_queue import AgentsQueue, QueueState, Report
from ivr.live_endpoints import queue_router
from tests.hotline_world import NOON
from tests.outage_world import Clock

TOKEN = "the token of the tests"
SECONDS = timedelta(seconds=1)


def report(
    event: str, call: str, waiting: int, free: int = 2, logged_in: int = 2, paused: int = 0, queue: str = ""
) -> Report:
    return Report(event, call, waiting, logged_in, free, paused, queue)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def queue(clock: Clock) -> AgentsQueue:
    return AgentsQueue(clock)


def test_nothing_is_known_of_a_queue_that_never_told(queue: AgentsQueue) -> None:
    assert queue.state == QueueState()
    assert queue.state.told is None


def test_the_longest_wait_is_that_of_who_joined_first(queue: AgentsQueue, clock: Clock) -> None:
    queue.report(report("joined", "a", 1, free=0))
    clock.forward(20 * SECONDS)
    queue.report(report("joined", "b", 2, free=0, paused=1))
    assert (queue.state.waiting, queue.state.longest_since) == (2, NOON)
    assert (queue.state.free, queue.state.busy, queue.state.paused) == (0, 1, 1)
    clock.forward(10 * SECONDS)
    queue.report(report("answered", "a", 1))
    assert queue.state.longest_wait(clock()) == 10 * SECONDS
    queue.report(report("left", "b", 0))
    assert (queue.state.waiting, queue.state.longest_since) == (0, None)
    assert queue.state.told == clock()


def test_a_report_that_was_lost_is_mended_by_the_next(queue: AgentsQueue, clock: Clock) -> None:
    """The leaving of `a` was not told; two wait now, and `a` is not one of them."""
    queue.report(report("joined", "a", 1))
    for call in ("b", "c"):
        clock.forward(60 * SECONDS)
        queue.report(report("joined", call, 2))
    assert queue.state.longest_since == NOON + 60 * SECONDS


def test_who_has_not_been_heard_of_for_ten_minutes_waits_no_longer(queue: AgentsQueue, clock: Clock) -> None:
    """Asterisk was restarted."""
    queue.report(report("joined", "a", 1))
    clock.forward(timedelta(minutes=10))
    assert (queue.state.waiting, queue.state.longest_since) == (0, None)


def test_each_queue_is_known_by_itself_and_all_as_one(queue: AgentsQueue, clock: Clock) -> None:
    queue.report(report("joined", "a", 1, free=0, queue="line"))
    clock.forward(20 * SECONDS)
    queue.report(report("joined", "b", 1, free=1, logged_in=3, paused=1, queue="experts"))
    whole = queue.state
    line, experts = whole.queues["line"], whole.queues["experts"]
    assert (line.waiting, line.longest_since, line.free, line.busy, line.paused) == (1, NOON, 0, 2, 0)
    assert (experts.waiting, experts.longest_since, experts.free, experts.busy) == (1, NOON + 20 * SECONDS, 1, 1)
    assert (whole.waiting, whole.longest_since, whole.free, whole.busy, whole.paused) == (2, NOON, 1, 3, 1)
    queue.report(report("left", "b", 0, queue="experts"))
    assert (queue.state.waiting, queue.state.longest_since) == (1, NOON)


def test_whoever_is_sent_on_waits_in_the_other_queue_and_not_twice(queue: AgentsQueue, clock: Clock) -> None:
    queue.report(report("joined", "a", 1, queue="line"))
    queue.report(report("answered", "a", 0, queue="line"))
    assert queue.talking == 1
    clock.forward(60 * SECONDS)
    queue.report(report("joined", "a", 1, queue="experts"))
    assert queue.state.queues["experts"].longest_since == clock()
    assert queue.state.waiting == 1
    assert queue.talking == 0


def test_only_those_of_the_line_are_before_who_comes_back_to_it(clock: Clock) -> None:
    queue = AgentsQueue(clock, "line")
    queue.report(report("joined", "a", 1, queue="line"))
    queue.report(report("joined", "b", 1, queue="experts"))
    clock.forward(SECONDS)
    assert queue.joined_before(clock()) == 1
    assert queue.main == queue.state.queues["line"]


def test_where_the_line_has_another_name_all_queues_are_the_line(clock: Clock) -> None:
    """FreePBX and own dialplans call theirs as they like."""
    queue = AgentsQueue(clock, "line")
    queue.report(report("joined", "a", 1, queue="600"))
    clock.forward(SECONDS)
    assert (queue.joined_before(clock()), queue.main.waiting) == (1, 1)


def test_no_dialplan_can_name_queues_without_end(queue: AgentsQueue) -> None:
    for number in range(200):
        queue.report(report("joined", str(number), 1, queue=f"queue {number}"))
    assert len(queue.state.queues) == 50


def test_reports_in_the_wrong_order_leave_nobody_waiting(queue: AgentsQueue) -> None:
    queue.report(report("left", "a", 1))
    queue.report(report("joined", "a", 1))
    assert queue.state.longest_since is None


def test_a_queue_never_keeps_more_callers_than_there_can_be(queue: AgentsQueue) -> None:
    for call in range(3000):
        queue.report(report("joined", str(call), 90))
        queue.report(report("left", f"other {call}", 90))
    assert (len(queue._joined), len(queue._gone)) == (1000, 1000)


@pytest.fixture
def door(queue: AgentsQueue) -> Callable[..., Awaitable[int]]:
    app = FastAPI()
    app.include_router(queue_router(queue, TOKEN))

    async def post(address: str = "127.0.0.1", **changes: object) -> int:
        given = {"token": TOKEN, "event": "joined", "call": "17.1", "waiting": 1, "logged_in": 2, "free": 1}
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
            return (await web.post("/dialplan/queue", data=given | {"paused": 0} | changes)).status_code

    return post


async def test_asterisk_tells_with_its_secret(door: Callable[..., Awaitable[int]], queue: AgentsQueue) -> None:
    assert await door() == 200
    assert (queue.state.waiting, queue.state.free, queue.state.busy) == (1, 1, 1)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"token": "guessed"}, 403),
        ({"token": "ğ"}, 403),
        ({"address": "192.0.2.1"}, 403),
        ({"waiting": "-1"}, 422),
        ({"waiting": "9" * 30}, 422),
        ({"event": "exploded"}, 422),
        ({"call": "x" * 1000}, 422),
        ({"queue": "x" * 1000}, 422),
        ({"call": "x" * 300_000}, 413),
    ],
    ids=str,
)
async def test_nobody_else_is_believed(
    door: Callable[..., Awaitable[int]], queue: AgentsQueue, wrong: dict[str, str], status: int
) -> None:
    assert await door(**wrong) == status
    assert queue.state.told is None
