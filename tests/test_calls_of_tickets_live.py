"""From the report to the citizen's yes: programs move the ticket, Asterisk rings a softphone, its keys decide."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from callflows.moments import until
from callflows.numbers import ticket_number
from dialling.models import DiallerStop
from dialling.stopping import THE_ONE
from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.softphone import Softphone
from ivr.clock import now
from tests.calling_house import CallingHouse
from tests.live_house import answer_questions
from tests.test_calls_back_live import calling
from tickets.unit_models import Route, Unit

__all__ = ["calling"]
pytestmark = pytest.mark.live


class Desk:
    """One ticket, as a program sees it."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self._web = web
        self.number = ""

    async def report(self, caller: str) -> None:
        body = {"channel": "web", "category": "leak", "callback_number": caller}
        answer = await self._web.post("/tickets", json=body, headers={"Idempotency-Key": caller})
        assert answer.status_code == 201, answer.text
        self.number = answer.json()["number"]

    async def work_off(self) -> None:
        """The unit accepts, finds a valve, and is done."""
        for move in ({"move": "accept"}, {"move": "finish", "cause": "valve"}):
            answer = await self._web.post(f"/tickets/{self.number}/moves", json=move)
            assert answer.status_code == 200, answer.text

    async def comes_to(self, state: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                ticket: dict[str, Any] = (await self._web.get(f"/tickets/{self.number}")).json()
                if ticket["state"] == state:
                    return ticket
                await asyncio.sleep(0.1)


@pytest.fixture
async def desk(calling: CallingHouse) -> AsyncIterator[Desk]:
    async with calling.database() as db, db.session() as session:
        if await session.scalar(select(Unit.id).limit(1)) is None:
            unit = Unit(name="Şebeke", answer_minutes=10, changed=now(), active=True)
            session.add(unit)
            await session.flush()
            session.add(Route(position=1, unit_id=unit.id))
            await session.commit()
    url, key = f"{calling.house.url}/api/v1", calling.house.settings.secret("api-key")
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, trust_env=False) as web:
        yield Desk(web)


async def answer(phone: Softphone, *keys: str) -> None:
    await phone.rung()
    await phone.accept()
    await answer_questions(phone, *keys)
    await phone.ended()


async def test_a_ticket_stays_until_the_citizen_says_that_it_is_solved(calling: CallingHouse, desk: Desk) -> None:
    async with calling.citizen() as phone:
        await desk.report(calling.number)
        await desk.comes_to("sent")
        await desk.work_off()
        await answer(phone, "1", "2")
        again = await desk.comes_to("sent")
    assert (again["urgency"], again["round"]) == ("urgent", 2)
    async with calling.house.phone(calling.number, listens=calling.port) as phone:
        await desk.work_off()
        await answer(phone, "1", "1", "5")
        closed = await desk.comes_to("closed")
    history = [(event["what"], event["reason"]) for event in closed["history"]]
    assert [each for each in history if each[0] not in ("opened", "send", "accept", "finish")] == [
        ("told", "sent"), ("ask", "by_call"), ("reopen", "not_solved"),
        ("told", "reopened"), ("ask", "by_call"), ("close", "solved"), ("rated", "stars_5"),
    ]  # fmt: skip


async def brake(calling: CallingHouse, *, pressed: bool) -> None:
    """As the page of another process commits it."""
    async with calling.database() as db, db.session() as session:
        if pressed:
            session.add(DiallerStop(id=THE_ONE, since=now(), who="ayse"))
        else:
            await session.delete(await session.get_one(DiallerStop, THE_ONE))
        await session.commit()


async def test_the_brake_holds_every_call_until_it_is_let_go(calling: CallingHouse, desk: Desk) -> None:
    async with calling.citizen() as phone:
        await brake(calling, pressed=True)
        await desk.report(calling.number)
        await desk.comes_to("sent")
        await desk.work_off()
        with pytest.raises(PhoneFailed):
            await phone.rung(within=5)
        await brake(calling, pressed=False)
        await answer(phone, "1", "1", "5")
        await desk.comes_to("closed")


async def test_whoever_types_the_tickets_number_hears_where_it_is(calling: CallingHouse, desk: Desk) -> None:
    await desk.report("+905321234599")
    due = next(
        promise["due"] for promise in (await desk.comes_to("sent"))["promises"] if promise["promise"] == "solution"
    )
    async with calling.house.phone("05321110099") as phone:
        await phone.dial("185")
        await answer_questions(phone, "2", "3", f"{desk.number.replace('-', '')}#")
        await phone.pause()
        await phone.hang_up()
    aim = until(datetime.fromisoformat(due), now(), "tr")
    said = calling.house.heard(phone.recording, [*ticket_number(desk.number, "tr"), *aim], calling.house.board())
    keys = [prompt.key for prompt in said]
    for key in ("status.enter", "status.of", "status.sent", "status.aim", "moment.clock"):
        assert key in keys
    assert keys.index("status.of") < keys.index("status.sent") < keys.index("moment.clock")
