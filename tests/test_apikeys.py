"""API keys: each opens what it was made for, until it ends; without one, REST shows what callers may hear."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from people.apikeys import KeyService, ensure_api_key, presented
from people.errors import PeopleError
from people.models import ApiKey, AuditEntry
from people.roles import Scope
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places
from tests.shared_rest import outages_rest

ALL = {"X-API-Key": "the installation's own key"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def places(db: Database) -> Places:
    await ensure_api_key(db, ALL["X-API-Key"])
    return await add_places(db)


@pytest.fixture
async def web(db: Database, places: Places, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    app = outages_rest(db, clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as client:
        yield client


async def add(db: Database, clock: Clock, name: str, *scopes: Scope, expires: datetime | None = None) -> dict[str, str]:
    """The header that presents a new key."""
    async with db.session() as session:
        secret = await KeyService(session, clock, "ayse").add(name, scopes, expires)
        await session.commit()
    return {"X-API-Key": secret}


def outage(area: int, **given: object) -> dict[str, object]:
    starts = (START - HOUR).isoformat()
    return {"kind": "fault", "cause": "pipe_burst", "areas": [{"area_id": area}], "starts": starts} | given


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_key_writes_what_its_scopes_say(
    web: httpx.AsyncClient, db: Database, places: Places, clock: Clock
) -> None:
    writer = await add(db, clock, "scada", Scope.outages)
    caller = await add(db, clock, "crisis desk", Scope.broadcasts)
    reader = await add(db, clock, "dashboard", Scope.read, Scope.people, Scope.webhooks)
    body = {"text_tr": "Suyu kaynatın.", "ends": (START + HOUR).isoformat()}
    for headers, outages, broadcasts in ((writer, 201, 403), (caller, 403, 201), (reader, 403, 403)):
        assert (await web.post("/outages", json=outage(places.yeni), headers=headers)).status_code == outages
        assert (await web.post("/broadcasts", json=body, headers=headers)).status_code == broadcasts
        switched = await web.put("/mass-call", json={"on": False}, headers=headers)
        assert switched.status_code == (200 if broadcasts == 201 else 403)
    assert code(await web.post("/outages", json=outage(places.yeni), headers=reader)) == (403, "scope_missing")


async def test_the_public_sees_no_drafts_no_history_and_nobodys_name(
    web: httpx.AsyncClient, db: Database, places: Places, clock: Clock
) -> None:
    async def make(**given: object) -> int:
        return int((await web.post("/outages", json=outage(places.yeni, **given), headers=ALL)).json()["id"])

    heard, draft, called_off, never_heard = await make(), await make(draft=True), await make(), await make(draft=True)
    for number in (called_off, never_heard):
        assert (await web.post(f"/outages/{number}/cancel", headers=ALL)).status_code == 200
    body = {"text_tr": "Suyu kaynatın.", "ends": (START + HOUR).isoformat()}
    await web.post("/broadcasts", json=body, headers=ALL)

    reader = await add(db, clock, "dashboard", Scope.read)
    for headers, seen, who in (
        ({}, [called_off, heard], None),
        (await add(db, clock, "scada", Scope.outages), [called_off, heard], None),
        (reader, [never_heard, called_off, draft, heard], "api:installation"),
    ):
        assert [each["id"] for each in (await web.get("/outages", headers=headers)).json()] == seen
        drafts = (await web.get("/outages", params={"state": "draft"}, headers=headers)).json()
        assert bool(drafts) is bool(who)
        for number in (draft, never_heard):
            assert (await web.get(f"/outages/{number}", headers=headers)).status_code == (200 if who else 404)
        told = (await web.get(f"/outages/{heard}", headers=headers)).json()["revisions"]
        assert (told[0]["who"] if told else told) == who
        assert (await web.get("/broadcasts", headers=headers)).json()[0]["who"] == who


async def test_a_key_that_ended_opens_nothing(web: httpx.AsyncClient, db: Database, clock: Clock) -> None:
    short = await add(db, clock, "for a day", Scope.read, Scope.outages, expires=START + timedelta(days=1))
    lost = await add(db, clock, "lost", Scope.read)
    assert [(await web.get("/outages", headers=key)).status_code for key in (short, lost)] == [200, 200]
    async with db.session() as session:
        await KeyService(session, clock, "ayse").revoke("lost")
        await session.commit()
    clock.forward(timedelta(days=1))
    for key in (short, lost, {"X-API-Key": "guess"}, {"Authorization": "Bearer guess"}):
        assert code(await web.get("/outages", headers=key)) == (401, "no_key")


async def test_the_last_use_is_kept_to_the_minute(db: Database, clock: Clock) -> None:
    secret = (await add(db, clock, "scada", Scope.read))["X-API-Key"]

    async def last() -> datetime | None:
        async with db.reading() as session:
            return (await session.scalars(select(ApiKey.last_used))).one()

    assert await last() is None
    for seconds, expected in ((0, 0), (59, 0), (1, 60)):
        clock.forward(timedelta(seconds=seconds))
        holder = await presented(db, secret, clock)
        assert holder
        assert (holder.who, await last()) == ("api:scada", START + timedelta(seconds=expected))


async def test_only_a_digest_of_a_key_is_kept_and_its_making_is_in_the_log(db: Database, clock: Clock) -> None:
    secret = (await add(db, clock, "scada", Scope.outages, Scope.read))["X-API-Key"]
    async with db.reading() as session:
        key = (await session.scalars(select(ApiKey))).one()
        entry = (await session.scalars(select(AuditEntry))).one()
    assert secret not in str(vars(key))
    assert (key.made_by, key.scopes) == ("ayse", ["outages", "read"])
    assert (entry.who, entry.what, entry.subject) == ("ayse", "key_added", "key:scada")
    assert secret not in str(entry.detail)


async def test_keys_that_cannot_be_made(db: Database, clock: Clock) -> None:
    await add(db, clock, "scada", Scope.read)
    async with db.session() as session:
        service = KeyService(session, clock, "ayse")
        for name, scopes, expires, expected in (
            ("scada", [Scope.read], None, "name_taken"),
            (" ", [Scope.read], None, "bad_name"),
            ("a\x1b[2J", [Scope.read], None, "bad_name"),
            ("none", [], None, "no_scope"),
            ("past", [Scope.read], START, "bad_expiry"),
        ):
            with pytest.raises(PeopleError) as error:
                await service.add(name, scopes, expires)
            assert error.value.code == expected
        with pytest.raises(PeopleError, match="keys list"):
            await service.revoke("nobody's")
