"""A caller keeps their place in the real queue, hangs up, and is with the agent before who came later."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import CallAttempt, OutboundCall
from ivr.asterisk.softphone import Softphone
from tests.calling_house import CallingHouse, calling_house
from tests.live_house import answer_questions, interrupt
from tests.test_calls_back_live import heard

pytestmark = pytest.mark.live

OFFERED_AFTER = 5
RINGS = 25


@pytest.fixture(scope="module")
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallingHouse]:
    # outside of the hours in which others are called: who keeps a place has asked for it
    closed = {"calling_from": "03:00", "calling_until": "03:01"}
    settings: dict[str, object] = {"place_seconds": OFFERED_AFTER, "ring_seconds": RINGS, **closed}
    with calling_house(request, tmp_path_factory, **settings) as world:
        yield world


async def to_the_queue(calling: CallingHouse, phone: Softphone, waiting: int) -> None:
    """Call, ask for a person, and wait; `waiting` callers are in the queue then."""
    await phone.dial("185")
    await interrupt(phone, "0")
    await in_queue(calling, waiting)


async def in_queue(calling: CallingHouse, waiting: int) -> None:
    """Once so many wait, as Asterisk tells it."""
    house = calling.house
    key = {"X-API-Key": house.settings.secret("api-key")}
    async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False, headers=key) as client:
        while (await client.get(f"{house.url}/api/v1/live")).json()["queue"]["waiting"] != waiting:  # noqa: ASYNC110  # Asterisk tells the service
            await asyncio.sleep(0.2)


async def test_who_keeps_their_place_is_with_the_agent_before_who_came_later(calling: CallingHouse) -> None:
    house = calling.house
    async with (
        house.agent() as agent,
        house.phone("05330000001") as talking,
        calling.citizen() as first,
        house.phone("05330000002") as second,
    ):
        await to_the_queue(calling, talking, 0)
        await agent.answered()
        await to_the_queue(calling, first, 1)
        await to_the_queue(calling, second, 2)
        # rings and announcements go on; the key works whatever is being played
        await first.press("1")
        await in_queue(calling, 1)
        await answer_questions(first, "1")
        await first.ended()
        own_call = first.recording
        first.expect_another()
        agent.expect_another()
        await talking.hang_up()
        assert (await first.rung()).number == "185"
        await first.accept()
        await answer_questions(first, "1")
        connected = await agent.rung()
        # with what they had called for, before those who came later
        assert (connected.headers["X-Alo185-Priority"], connected.headers["X-Alo185-Reason"]) == ("8", "asked")
        await agent.answered()
        agent.expect_another()
        await first.hang_up()
        assert (await agent.rung()).headers["X-Alo185-Priority"] == "0"
        await agent.answered()
        await second.hang_up()
    async with calling.database() as db, db.reading() as session:
        [call] = await session.scalars(select(OutboundCall).where(OutboundCall.why == Why.queue_callback))
        [attempt] = await session.scalars(select(CallAttempt).where(CallAttempt.outbound_id == call.id))
    assert (call.state, attempt.outcome, attempt.verdict) == (State.done, Outcome.person, Verdict.wants_person)
    told = [prompt.key for prompt in house.heard(own_call, [], house.board())]
    assert "queue.call_me" in told
    assert told[-1] == "queue.place_kept"
    turn = ["call_back.hello", "call_back.about.queue_callback", "call_back.confirm", "record.notice"]
    assert heard(calling, first)[:4] == turn


async def test_who_changes_their_mind_waits_on_where_they_were(calling: CallingHouse) -> None:
    house = calling.house
    async with (
        house.agent() as agent,
        house.phone("05330000003") as talking,
        house.phone("05330000004") as first,
        house.phone("05330000005") as second,
    ):
        await to_the_queue(calling, talking, 0)
        await agent.answered()
        await to_the_queue(calling, first, 1)
        await to_the_queue(calling, second, 2)
        await first.press("1")
        await in_queue(calling, 1)
        await answer_questions(first, "0")
        await in_queue(calling, 2)
        agent.expect_another()
        await talking.hang_up()
        assert (await agent.rung()).number.endswith("5330000004")
        await agent.answered()
        await second.hang_up()
        await first.hang_up()
