"""Webhooks set up through REST: only with a key, the secret shown once, the log told, hostile input refused."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from outages.rest import ERRORS, PlainErrors
from outbox.endpoints import router
from outbox.sender import Sender
from people import audit
from people.access import needs
from people.apikeys import ensure_api_key
from people.models import AuditEntry
from people.roles import Scope
from storage.database import Database
from storage.types import use_key
from tests.outage_world import Clock
from tests.webhook_world import Receiver, listening, signed_rightly

KEY = "a-key-of-high-entropy"
AUTH = {"X-API-Key": KEY}


@pytest.fixture
async def web(db: Database) -> AsyncIterator[httpx.AsyncClient]:
    use_key("a key of the tests")
    await ensure_api_key(db, KEY)
    app = FastAPI()
    made = router(
        db,
        Clock(),
        who=needs(db, Clock(), Scope.webhooks),
        route_class=PlainErrors,
        responses=ERRORS,
        record=audit.record,
    )
    app.include_router(made, prefix="/api/v1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as client:
        yield client


async def test_from_making_to_removal(db: Database, web: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        made = (await web.post("/webhooks", json={"url": receiver.url, "allow_private": True}, headers=AUTH)).json()
        assert (made["made_by"], made["events"]) == ("api:installation", ["*"])
        path = f"/webhooks/{made['id']}"
        assert "secret" not in (await web.get(path, headers=AUTH)).json()
        assert (await web.get("/webhooks", headers=AUTH)).json() == [{k: v for k, v in made.items() if k != "secret"}]
        rotated = (await web.post(f"{path}/rotate-secret", headers=AUTH)).json()["secret"]
        pinged = await web.post(f"{path}/ping", headers=AUTH)
        assert pinged.status_code == 202
        sender = Sender(db, Clock())
        await sender.turn()
        await sender.idle()
        (delivery,) = (await web.get(f"{path}/deliveries", headers=AUTH)).json()
        assert (delivery["state"], delivery["event"], delivery["log"][0]["status"]) == ("delivered", "ping", 200)
        again = await web.post(f"{path}/deliveries/{delivery['uuid']}/redeliver", headers=AUTH)
        assert (again.status_code, again.json()["state"]) == (202, "waiting")
        await sender.turn()
        await sender.idle()
        assert receiver.ids == [delivery["uuid"]] * 2
        assert all(signed_rightly(each, rotated) for each in receiver.received)
        off = await web.patch(path, json={"active": False}, headers=AUTH)
        assert off.json()["note"] == "Switched off by an administrator."
        assert (await web.post(f"{path}/ping", headers=AUTH)).json()["error"]["code"] == "webhook_off"
        assert (await web.delete(path, headers=AUTH)).status_code == 204
        assert (await web.get(path, headers=AUTH)).json()["error"]["code"] == "unknown_webhook"
    async with db.reading() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.what for entry in entries] == [
        "webhook_made",
        "webhook_secret_rotated",
        "webhook_changed",
        "webhook_removed",
    ]
    assert {entry.who for entry in entries} == {"api:installation"}


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "guess"}, {"Authorization": "Bearer guess"}])
async def test_everything_needs_the_key(web: httpx.AsyncClient, headers: dict[str, str]) -> None:
    body = {"url": "https://hook.example/"}
    calls = [("GET", ""), ("POST", ""), ("GET", "/1"), ("PATCH", "/1"), ("DELETE", "/1"), ("POST", "/1/rotate-secret")]
    calls += [("POST", "/1/ping"), ("GET", "/1/deliveries"), ("POST", "/1/deliveries/x/redeliver")]
    answers = await asyncio.gather(
        *(web.request(how, f"/webhooks{path}", json=body, headers=headers) for how, path in calls)
    )
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "ftp://x.example/"}, "bad_url"),
        ({"url": "https://x.example:22/"}, "bad_url"),
        ({"url": "https://x.example/", "events": []}, "not_understood"),
        ({"url": "https://x.example/", "events": ["<script>"]}, "not_understood"),
        ({"url": "https://x.example/", "typo": 1}, "not_understood"),
        ({}, "not_understood"),
    ],
)
async def test_what_cannot_be_is_refused(web: httpx.AsyncClient, body: dict[str, object], code: str) -> None:
    answer = await web.post("/webhooks", json=body, headers=AUTH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert (await web.get("/webhooks", headers=AUTH)).json() == []
