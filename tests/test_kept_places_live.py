"""Out of the real queue by key 1, and back into its first place when the turn comes: before who came later."""

import asyncio

import pytest
from sqlalchemy import select

from dialling.kinds import State, Verdict, Why
from dialling.models import KeptPlace, OutboundCall
from ivr.asterisk.softphone import Softphone
from tests.live_house import answer_questions
from tests.test_calls_back_live import CallingHouse, calling, heard

__all__ = ["calling"]
pytestmark = pytest.mark.live


async def kept(calling: CallingHouse) -> tuple[OutboundCall, KeptPlace]:
    async with asyncio.timeout(30), calling.database() as db:
        while True:
            async with db.reading() as session:
                query = select(OutboundCall, KeptPlace).join(KeptPlace).where(OutboundCall.why == Why.queue_callback)
                if found := (await session.execute(query)).first():
                    return found[0], found[1]
            await asyncio.sleep(0.1)


async def is_rung_for(agent: Softphone, number: str) -> None:
    async with asyncio.timeout(60):
        while number not in agent.trace:  # noqa: ASYNC110  # the telephone tells in its trace
            await asyncio.sleep(0.1)


async def test_a_place_is_kept_and_comes_before_who_joined_later(calling: CallingHouse) -> None:
    house = calling.house
    async with house.agent() as agent, house.phone("05321110001") as first, calling.citizen() as citizen:
        await first.dial("185")
        await answer_questions(first, "0")
        await agent.rung()
        await agent.answered()

        await citizen.dial("185")
        await answer_questions(citizen, "0")
        await citizen.pause()
        await citizen.press("1")
        await answer_questions(citizen, "1")
        await citizen.ended()
        assert heard(calling, citizen)[-1] == "queue.place_kept"
        _, place = await kept(calling)
        assert place.reason == "asked"

        async with house.phone("05321110003") as later:
            await later.dial("185")
            await answer_questions(later, "0")
            await citizen.rung(within=60)
            await citizen.accept()
            await answer_questions(citizen, "1")
            await citizen.pause()
            await first.hang_up()
            await is_rung_for(agent, calling.number)
            assert "05321110003" not in agent.trace
            await citizen.hang_up()
            await later.hang_up()
    call, _ = await kept(calling)
    assert (call.state, call.verdict) == (State.done, Verdict.wants_person)
