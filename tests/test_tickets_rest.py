"""Tickets through REST: all of it with a key, where a ticket of theirs is for everybody, nothing for guessers."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from outbox.sender import Sender
from outbox.webhooks import Webhooks
from people.apikeys import KeyService, ensure_api_key
from people.roles import Scope
from storage.database import Database
from tests.shared_rest import tickets_rest
from tests.ticket_world import CALLER, SECRET, TicketWorld, ticket_world
from tests.webhook_world import Receiver, listening, signed_rightly
from tickets.files import MOST_BYTES, Files
from tickets.kinds import Category
from tickets.parts import TicketParts
from tickets.unit_models import Unit

KEY = "a-key-of-high-entropy"
JPEG = b"\xff\xd8\xff\xe0 a photo of the valve"
LEAK = {"channel": "app", "category": "leak", "told": "Su akıyor", "callback_number": "0532 123 45 67"}


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    made = await ticket_world(db)
    await ensure_api_key(db, KEY, now=made.clock)
    return made


@pytest.fixture
async def web(world: TicketWorld, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = tickets_rest(world.db, TicketParts(world.teller, Files(tmp_path / "tickets"), SECRET))
    headers = {"X-API-Key": KEY}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test/api/v1", headers=headers
    ) as client:
        yield client


async def report(web: httpx.AsyncClient, key: str = "k1", **facts: Any) -> httpx.Response:
    return await web.post("/tickets", json=LEAK | facts, headers={"Idempotency-Key": key})


async def test_a_report_is_taken_once_however_often_it_is_sent(world: TicketWorld, web: httpx.AsyncClient) -> None:
    first, again = await report(web), await report(web)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["number"], first.json()["urgency"], first.json()["caller"]) == ("26-000001", "urgent", CALLER)
    other = await report(web, told="Başka bir şey")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert (await web.post("/tickets", json=LEAK)).status_code == 422


async def test_from_report_to_the_citizens_yes(world: TicketWorld, web: httpx.AsyncClient) -> None:
    path = f"/tickets/{(await report(web, area_id=world.places.yeni)).json()['number']}"
    await world.watch.turn()
    sent = (await web.get(path)).json()
    assert (sent["state"], sent["why"]["row"], sent["moves"]) == ("sent", 1, ["accept", "hand_on", "restored"])
    for move in ("accept", "arrive"):
        assert (await web.post(f"{path}/moves", json={"move": move})).status_code == 200
    refused = await web.post(f"{path}/moves", json={"move": "finish"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_finding")
    done = await web.post(f"{path}/moves", json={"move": "finish", "cause": "valve", "note": "Vana değişti"})
    assert (done.json()["state"], done.json()["cause"]) == ("done", "valve")
    for move in ("ask", "close"):
        closed = await web.post(f"{path}/moves", json={"move": move, "reason": "yes"})
    assert (closed.json()["state"], [p["promise"] for p in closed.json()["promises"] if p["met"]]) == (
        "closed",
        ["answer", "site", "solution"],
    )
    assert closed.json()["history"][-1]["who"] == "api:installation"
    impossible = await web.post(f"{path}/moves", json={"move": "arrive"})
    assert (impossible.status_code, impossible.json()["error"]["code"]) == (409, "impossible_move")


async def test_lists_show_only_the_end_of_numbers_and_find_what_is_asked_for(
    world: TicketWorld, web: httpx.AsyncClient
) -> None:
    await report(web, "1", address="İNÖNÜ Cad. Şişli Ap.", area_id=world.places.yeni)
    await report(web, "2", category="bill", callback_number="0533 999 88 77")
    everything = (await web.get("/tickets")).json()
    assert [(each["number"], each["caller"]) for each in everything] == [("26-000002", "…77"), ("26-000001", "…67")]

    async def found(**query: Any) -> list[str]:
        answer = await web.get("/tickets", params=query)
        assert answer.status_code == 200, answer.text
        return [each["number"] for each in answer.json()]

    assert await found(text="inönü") == await found(text="INONU") == ["26-000001"]
    assert await found(text="26-000002") == ["26-000002"]
    assert await found(caller="+90 532 123 4567") == ["26-000001"]
    assert await found(area_id=world.places.gebze) == ["26-000001"]
    assert await found(category="bill", state="new") == ["26-000002"]
    assert await found(text="100%", open_only=True) == []
    assert await found(text="\x00") == ["26-000002", "26-000001"]
    assert await found(before="26-000002") == ["26-000001"]
    assert (await web.get("/tickets", params={"caller": "abc"})).json()["error"]["code"] == "bad_number"


@pytest.mark.parametrize("path", ["", "/26-000001", "/26-000001/voice", "/26-000001/files/1"])
async def test_a_key_without_the_scope_sees_nothing(world: TicketWorld, web: httpx.AsyncClient, path: str) -> None:
    async with world.db.session() as session:
        other = await KeyService(session, world.clock, "tests").add("reader", [Scope.read, Scope.outages])
        await session.commit()
    await report(web)
    assert (await web.get(f"/tickets{path}", headers={"X-API-Key": other})).status_code == 403
    assert (await web.get(f"/tickets{path}", headers={"X-API-Key": ""})).status_code == 401


async def test_anybody_who_knows_both_numbers_learns_the_state_and_no_more(
    world: TicketWorld, web: httpx.AsyncClient
) -> None:
    await report(web)
    del web.headers["X-API-Key"]
    known = await web.get("/tickets/status", params={"number": "26000001", "digits": "67"})
    assert set(known.json()) == {"number", "state", "category", "opened", "updated"}
    assert known.json()["state"] == "new"
    for number, digits in (("26-000001", "68"), ("26-000002", "67"), ("26-000001", ""), ("x", "67")):
        wrong = await web.get("/tickets/status", params={"number": number, "digits": digits})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "no_such_status")


async def test_guessing_the_digits_is_slowed_down_until_it_is_hopeless(
    world: TicketWorld, web: httpx.AsyncClient
) -> None:
    await report(web)
    codes = []
    for digits in range(40):
        answer = await web.get("/tickets/status", params={"number": "26-000001", "digits": f"{digits:02}"})
        codes.append(answer.status_code)
    assert codes.count(404) == 6
    assert codes[-1] == 429
    right = await web.get("/tickets/status", params={"number": "26-000001", "digits": "67"})
    assert right.status_code == 429
    world.clock.forward(timedelta(hours=2))
    right = await web.get("/tickets/status", params={"number": "26-000001", "digits": "67"})
    assert right.status_code == 200


async def test_photos_are_kept_for_what_they_are(world: TicketWorld, web: httpx.AsyncClient, tmp_path: Path) -> None:
    path = f"/tickets/{(await report(web)).json()['number']}"
    added = await web.post(f"{path}/files", files={"file": ("../../etc/<vana>.html", JPEG, "text/html")})
    (file,) = added.json()["files"]
    assert (file["kind"], file["size"], file["name"]) == ("image/jpeg", len(JPEG), "_vana_.html")
    shown = await web.get(f"{path}/files/{file['id']}")
    assert (shown.content, shown.headers["content-type"]) == (JPEG, "image/jpeg")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    (kept,) = (tmp_path / "tickets").iterdir()
    assert (kept.suffix, kept.stat().st_mode & 0o077) == (".jpg", 0)
    for data, code in ((b"<script>", "bad_file"), (b"MZ\x90", "bad_file"), (b"", "bad_file")):
        refused = await web.post(f"{path}/files", files={"file": ("a.jpg", data, "image/jpeg")})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
    large = await web.post(f"{path}/files", files={"file": ("a.jpg", JPEG + b"x" * MOST_BYTES, "image/jpeg")})
    assert large.status_code == 413
    other = f"/tickets/{(await report(web, 'k2')).json()['number']}"
    assert (await web.get(f"{other}/files/{file['id']}")).status_code == 404
    assert (await web.get(f"{path}/voice")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"told": "x\x00y"}, {"told": "\ud800"}, {"told": "x" * 4001}, {"area_id": 2**40}, {"channel": "fax"},
        {"callback_number": "1"}, {"callback_number": "9" * 50}, {"urgency": "now"}, {"more": 1}, {"language": "de"},
    ],
)  # fmt: skip
async def test_hostile_reports_are_refused_with_a_sentence(
    world: TicketWorld, web: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await web.post("/tickets", content=json.dumps(LEAK | body), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("number", ["x", "26-1", "26-000001'", "%00", "26-000001%00", "9" * 300, "26-０００００１"])
async def test_hostile_numbers_are_unknown(world: TicketWorld, web: httpx.AsyncClient, number: str) -> None:
    answer = await web.get(f"/tickets/{number}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_ticket")


async def test_a_unit_is_told_by_a_signed_webhook_that_also_accepts(world: TicketWorld, web: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        async with world.db.session() as session:
            hooks = Webhooks(session, world.clock, "tests")
            made = await hooks.make(receiver.url, ["ticket.sent"], allow_private=True)
            other = await hooks.make(receiver.url + "/other", allow_private=True)
            (await session.get_one(Unit, world.network)).webhook_id = made.id
            secret = made.secret
            assert other.wants("ticket.sent")  # yet it hears of no ticket: those are the unit's alone
            await session.commit()
        number = await world.report("1", Category.leak, address="Bağ Sk. 3")
        await world.watch.turn()
        sender = Sender(world.db, world.clock)
        await sender.turn()
        await sender.idle()
        (received,) = receiver.received
    assert signed_rightly(received, secret)
    told = json.loads(received.body)
    assert (told["type"], told["data"]["number"], told["data"]["caller"]) == ("ticket.sent", number, "…67")
    async with world.at_work("link") as work:
        await work.accept_by_link(told["data"]["accept"].split("?t=")[1])
    assert (await web.get(f"/tickets/{number}")).json()["state"] == "accepted"
