"""A caller hears of an outage, wants to know its end, and is rung once an operator says that it is over."""

import asyncio

import pytest
from sqlalchemy import select

from calls.memory import CallerMemory
from dialling.kinds import Why
from dialling.models import OutboundCall
from ivr.clock import now
from notices.models import RestorationRequest, StillOff
from outages.service import OutageService
from people.audit import use_secret
from tests.calling_house import CallingHouse
from tests.live_house import answer_questions
from tests.test_calls_back_live import calling, heard

__all__ = ["calling"]
pytestmark = pytest.mark.live


async def wanted(calling: CallingHouse) -> RestorationRequest:
    async with asyncio.timeout(20), calling.database() as db:
        while True:
            async with db.reading() as session:
                if found := await session.scalar(select(RestorationRequest)):
                    return found
            await asyncio.sleep(0.1)


async def test_the_water_is_not_back_after_all(calling: CallingHouse) -> None:
    house = calling.house
    area = next(each for each in house.board().areas.values() if each.district_id is not None and each.number)
    house.publish(area, "pipe_burst")
    async with calling.citizen() as citizen:
        async with calling.database() as db:
            await CallerMemory(db, house.settings.secret("caller-hash"), now).remember(calling.number, area.id)
        await citizen.dial("185")
        await answer_questions(citizen, "1")
        await citizen.pause()
        await citizen.hang_up()
        assert "restoration.thanks" in heard(calling, citizen)
    request = await wanted(calling)
    use_secret(house.settings.secret("audit"), house.settings.audit_anchor)
    async with calling.database() as db, db.session() as session:
        await OutageService(session, now, "ayse").end(request.outage_id)
        await session.commit()
    async with house.phone(calling.number, listens=calling.port) as citizen:
        await citizen.rung(within=60)
        await citizen.accept()
        await answer_questions(citizen, "1", "2")
        await citizen.ended()
    async with calling.database() as db, db.reading() as session:
        call = await session.scalar(select(OutboundCall).where(OutboundCall.why == Why.restoration))
        no = await session.scalar(select(StillOff))
    assert call
    assert no
    assert (call.number, call.verdict, no.area_id) == (calling.number, "still_off", area.id)
