"""The whole loop on a real line: reported by phone, the unit told by mail and webhook, asked, reopened, closed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import select

from callflows.numbers import ticket_number
from calls.memory import CallerMemory
from dialling.kinds import Outcome, Verdict
from dialling.models import CallAttempt
from ivr.asterisk.softphone import Softphone
from ivr.clock import now
from prompts.prompt import Prompt
from tests.asterisk_stand import put_wav
from tests.calling_house import CallingHouse, calling_house
from tests.live_house import answer_questions
from tests.ports import free_ports
from tests.test_calls_of_tickets_live import Desk, answer
from tests.test_mailer import Inbox
from tests.webhook_world import Receiver, listening, signed_rightly
from tickets.models import Ticket
from tickets.unit_models import Route, Unit

pytestmark = pytest.mark.live
CREW = "ekip@example.org"
QUESTIONS = ("fault.which", "fault.here", "record.notice", "record.address", "record.review", "callback.yours")
"""What a report is asked for, in this order."""
ASKED = ("hello", "about.ticket_check", "confirm", "solved")
MESSAGE_SEED, MESSAGE_SECONDS = 185, 4.0


@dataclass
class Told:
    """The unit, as it is told: its mailbox and its own system."""

    calling: CallingHouse
    inbox: Inbox
    receiver: Receiver
    web: httpx.AsyncClient
    secret: str

    async def until(self, letters: int, events: int) -> None:
        async with asyncio.timeout(30):
            while len(self.inbox.received) < letters or len(self.receiver.received) < events:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def events(self) -> list[tuple[str, str]]:
        """Each with the urgency that it tells; every one signed."""
        assert all(signed_rightly(each, self.secret) for each in self.receiver.received)
        told = [json.loads(each.body) for each in self.receiver.received]
        return [(each["type"], each["data"]["urgency"]) for each in told]


@pytest.fixture(scope="module")
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallingHouse]:
    [port] = free_ports(1)
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    with calling_house(request, tmp_path_factory, **mail) as world:
        yield world


@pytest.fixture
async def unit(calling: CallingHouse) -> AsyncIterator[Told]:
    """A unit with a mailbox on a real mail server and a webhook, which serves everything."""
    settings, inbox = calling.house.settings, Inbox()
    async with AsyncExitStack() as stack:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(inbox, enable_SMTPUTF8=True), "127.0.0.1", settings.smtp_port)
        await stack.enter_async_context(server)
        receiver = await stack.enter_async_context(listening(Receiver()))
        key = {"X-API-Key": settings.secret("api-key")}
        web = httpx.AsyncClient(base_url=f"{calling.house.url}/api/v1", headers=key, trust_env=False)
        await stack.enter_async_context(web)
        body = {"url": receiver.url, "allow_private": True}
        made = await web.post("/webhooks", json=body)
        assert made.status_code == 201, made.text
        async with calling.database() as db, db.session() as session:
            crew = Unit(name="Şebeke", answer_minutes=10, changed=now(), active=True)
            crew.email, crew.webhook_id = CREW, made.json()["id"]
            session.add(crew)
            await session.flush()
            session.add(Route(position=1, unit_id=crew.id))
            await session.commit()
        yield Told(calling, inbox, receiver, web, made.json()["secret"])


def heard(calling: CallingHouse, phone: Softphone, number: str = "") -> list[Prompt]:
    """What the citizen heard in the latest call, told from everything that could have been said."""
    told = ticket_number(number, "tr") if number else []
    return calling.house.heard(phone.recording, told, calling.house.board())


def said(calling: CallingHouse, *keys: str) -> list[Prompt]:
    return [calling.house.phrase(key) for key in keys]


async def reports(calling: CallingHouse, phone: Softphone, message: Path) -> str:
    """Low pressure, told by keys and by voice; the number of its ticket, as it is read out twice."""
    board = calling.house.board()
    dry = (each for each in board.areas.values() if each.district_id and not board.current(each.id, now()))
    async with calling.database() as db:
        await CallerMemory(db, calling.house.settings.secret("caller-hash"), now).remember(calling.number, next(dry).id)
    await phone.dial("185")
    await answer_questions(phone, "2", "2", "2", "1")
    await phone.pause(1.5)
    await phone.speak(message)
    await answer_questions(phone, "1", "1")
    await phone.pause()
    await phone.hang_up()
    async with calling.database() as db, db.reading() as session:
        [ticket] = await session.scalars(select(Ticket))
        assert (ticket.callback_number, ticket.channel, bool(ticket.voice)) == (calling.number, "phone", True)
    opened, again, promise = said(calling, "ticket.opened", "ticket.again", "ticket.promise")
    groups, all_heard = ticket_number(ticket.number, "tr"), heard(calling, phone, ticket.number)
    read = [opened, *groups, again, *groups, promise]
    first = all_heard.index(opened)
    assert all_heard[first : first + len(read)] == read
    before = [prompt.key for prompt in all_heard[:first]]
    assert [key for key in before if key in QUESTIONS] == list(QUESTIONS)
    return ticket.number


async def attempts(calling: CallingHouse) -> list[tuple[str | None, str | None]]:
    """Once all are over: a verdict is kept before the goodbye."""
    async with asyncio.timeout(30), calling.database() as db:
        while True:
            async with db.reading() as session:
                found = list(await session.scalars(select(CallAttempt).order_by(CallAttempt.id)))
            if all(each.outcome for each in found):
                return [(each.outcome, each.verdict) for each in found]
            await asyncio.sleep(0.1)


async def test_a_report_is_followed_until_the_citizen_says_that_it_is_solved(
    calling: CallingHouse, unit: Told, tmp_path: Path
) -> None:
    desk = Desk(unit.web)
    async with calling.citizen() as phone:
        desk.number = await reports(calling, phone, put_wav(tmp_path / "message.wav", MESSAGE_SEED, MESSAGE_SECONDS))
    sent = await desk.comes_to("sent")
    await unit.until(letters=1, events=1)
    async with calling.house.phone(calling.number, listens=calling.port) as phone:
        await desk.work_off()
        await answer(phone, "1", "2")
        no = heard(calling, phone)
        again = await desk.comes_to("sent")
        await unit.until(letters=2, events=2)
    async with calling.house.phone(calling.number, listens=calling.port) as phone:
        await desk.work_off()
        await answer(phone, "1", "1", "5")
        yes = heard(calling, phone)
        closed = await desk.comes_to("closed")
    asked = [f"call_back.{key}" for key in ASKED]
    assert no == said(calling, *asked, "call_back.not_solved.thanks", "call_back.goodbye")
    assert yes == said(calling, *asked, "call_back.solved.thanks", "call_back.stars", "call_back.goodbye")
    assert (sent["urgency"], again["urgency"], again["round"]) == ("normal", "urgent", 2)
    assert [str(letter["To"]) for letter in unit.inbox.received] == [CREW, CREW]
    assert all(desk.number in str(letter["Subject"]) for letter in unit.inbox.received)
    assert unit.events() == [("ticket.sent", "normal"), ("ticket.reopened", "urgent")]
    assert await attempts(calling) == [(Outcome.person, Verdict.not_solved), (Outcome.person, Verdict.solved)]
    _complete(closed)


def _complete(closed: dict[str, Any]) -> None:
    history = [(event["what"], event["reason"]) for event in closed["history"]]
    assert history == [
        ("opened", None), ("send", None), ("told", "sent"), ("accept", None), ("finish", None), ("ask", "by_call"),
        ("reopen", "not_solved"), ("send", None), ("told", "reopened"), ("accept", None), ("finish", None),
        ("ask", "by_call"), ("close", "solved"), ("rated", "stars_5"),
    ]  # fmt: skip
