"""Whom the service believes when it is asked whose turn it is, and what an agent sees of who kept a place."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from agents.handed_over import HandedOver
from calls.journal import Heard, Journal, Pressed
from dialling.places import Place, keep
from dialling.turns import Turns
from ivr.calling.reports import turns_router
from storage.database import Database
from storage.types import use_key
from tests.calling_world import CITIZEN, SECRET
from tests.outage_world import START, Clock

TOKEN = "Asterisk's secret in tests"
GIVEN = {"token": TOKEN, "leg": "17.9", "joined": str(int(START.timestamp())), "priority": "00"}


@pytest.fixture
async def turns(db: Database) -> Turns:
    """Somebody who joined a minute before START keeps their place."""
    use_key("a key of the tests")
    clock = Clock()
    async with db.session() as session:
        place = Place(START - timedelta(minutes=1), "asked")
        await keep(session, clock, SECRET, call="17.1", number=CITIZEN, language="tr", place=place)
        await session.commit()
    return Turns(db, clock)


@pytest.mark.parametrize(
    ("wrong", "address", "status", "answer"),
    [
        ({}, "127.0.0.1", 200, "hold"),
        ({"priority": "010"}, "127.0.0.1", 200, "ring"),
        ({"queue": "alo185-agents"}, "127.0.0.1", 200, "hold"),
        ({"queue": "600"}, "127.0.0.1", 200, "hold"),
        # places are kept in the line alone: experts are not kept free for it
        ({"queue": "alo185-technical"}, "127.0.0.1", 200, "ring"),
        ({"token": "guessed"}, "127.0.0.1", 403, "no"),
        ({"token": "ğ"}, "127.0.0.1", 403, "no"),
        ({}, "192.0.2.1", 403, "no"),
        ({"joined": "9" * 30}, "127.0.0.1", 422, None),
        ({"leg": "x" * 1000}, "127.0.0.1", 422, None),
    ],
)
async def test_only_asterisk_is_answered(
    turns: Turns, wrong: dict[str, str], address: str, status: int, answer: str | None
) -> None:
    app = FastAPI()
    app.include_router(turns_router(turns, TOKEN))
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
        told = await web.post("/dialplan/turn", data=GIVEN | wrong)
    assert told.status_code == status
    assert answer is None or told.text == answer


async def test_the_agent_sees_what_was_told_before_the_place_was_kept(db: Database) -> None:
    own = Journal("17.1-a", CITIZEN, START, "ari", area_id=7, ticket_number="26-004217", reason="asked")
    own.heard.append(Heard(START, "fault.which", "Su yok mu?"))
    own.pressed.append(Pressed(START + timedelta(seconds=2), "1"))
    back = Journal("token-b", CITIZEN, START, "ari", reason="asked", follows="17.1")
    back.heard.append(Heard(START, "call_back.hello", "İyi günler."))
    back.pressed.append(Pressed(START, "1"))
    memory = HandedOver(db, Clock())
    memory.keep(own)
    memory.keep(back)
    told = await memory.find("token")
    assert told
    assert (told.area_id, told.ticket_number, told.keys) == (7, "26-004217", ("1", "1"))
    assert [key for key, _ in told.heard] == ["fault.which", "call_back.hello"]
    assert told.category == "no_water"
