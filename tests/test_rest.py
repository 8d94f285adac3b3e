"""REST as an operator's program meets it: open to read, a key to write, every refusal one sentence."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from outages.snapshot import load_board
from people.apikeys import ensure_api_key
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places
from tests.shared_rest import outages_rest

KEY = "a-key-of-high-entropy"
AUTH = {"X-API-Key": KEY}


@pytest.fixture
async def places(db: Database) -> Places:
    await ensure_api_key(db, KEY)
    return await add_places(db)


@pytest.fixture
async def web(db: Database, places: Places) -> AsyncIterator[httpx.AsyncClient]:
    app = outages_rest(db, Clock())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


def outage(*areas: int, **given: Any) -> dict[str, Any]:
    body = {
        "kind": "fault",
        "cause": "pipe_burst",
        "areas": [{"area_id": area} for area in areas],
        "starts": (START - HOUR).isoformat(),
        "expected_end": (START + HOUR).isoformat(),
    }
    return body | given


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.json()["error"]["message"].strip()


async def test_an_outage_from_its_creation_to_its_end(web: httpx.AsyncClient, places: Places) -> None:
    created = await web.post("/outages", json=outage(places.yeni, tanker_points="Cumhuriyet Meydanı"), headers=AUTH)
    assert created.status_code == 201, created.text
    assert created.headers["ETag"] == '"1"'
    path = f"/outages/{created.json()['id']}"
    changed = await web.patch(path, json={"crew": "on_site", "tanker_points": None}, headers=AUTH)
    assert (changed.json()["crew"], changed.json()["tanker_points"]) == ("on_site", None)
    ended = await web.post(f"{path}/end", headers={"Authorization": f"Bearer {KEY}"})
    assert ended.json()["life"] == "restored"
    told = (await web.get(path, headers=AUTH)).json()
    assert [(r["what"], r["who"]) for r in told["revisions"]] == [
        ("created", "api:installation"),
        ("changed", "api:installation"),
        ("restored", "api:installation"),
    ]
    assert told["areas"] == [{"area_id": places.yeni, "name": "Yeni Mahalle", "district": "Gebze", "streets": None}]


async def test_lists_by_area_state_and_time(web: httpx.AsyncClient, places: Places) -> None:
    now = (await web.post("/outages", json=outage(places.yeni), headers=AUTH)).json()["id"]
    later = {"starts": (START + HOUR).isoformat(), "expected_end": None}
    soon = (await web.post("/outages", json=outage(places.korfez, **later), headers=AUTH)).json()["id"]

    async def ids(**query: Any) -> list[int]:
        return [each["id"] for each in (await web.get("/outages", params=query)).json()]

    assert await ids() == [soon, now]
    assert await ids(when="now") == [now]
    assert await ids(when="next", area_id=places.korfez_yeni) == [soon]
    assert await ids(state="scheduled") == [soon]
    assert await ids(limit=1) == [soon]
    assert await ids(before=soon) == [now]


async def test_a_draft_can_be_published_and_cancelled(web: httpx.AsyncClient, places: Places) -> None:
    created = (await web.post("/outages", json=outage(places.yeni, draft=True), headers=AUTH)).json()
    assert created["life"] == "draft"
    path = f"/outages/{created['id']}"
    assert (await web.post(f"{path}/publish", headers=AUTH)).json()["life"] == "active"
    assert (await web.post(f"{path}/cancel", headers=AUTH)).json()["life"] == "cancelled"


async def test_the_public_list_and_the_feeds_tell_the_same_of_what_was_taken_back(
    web: httpx.AsyncClient, places: Places, db: Database
) -> None:
    """`now` stays, the others are taken back; of what was never heard neither tells anything."""

    async def made(*steps: str, draft: bool = False) -> int:
        number: int = (await web.post("/outages", json=outage(places.yeni, draft=draft), headers=AUTH)).json()["id"]
        for revision, step in enumerate(steps, start=1):
            body = {"revision": revision} if step == "undo" else {}
            assert (await web.post(f"/outages/{number}/{step}", json=body, headers=AUTH)).status_code == 200
        return number

    now = await made()
    gone = [await made("cancel"), await made("undo"), await made("publish", "undo", draft=True)]
    unheard = [await made(draft=True), await made("cancel", draft=True), await made("undo", draft=True)]
    async with db.reading() as session:
        board = await load_board(session, START)
    assert ([o.id for o in board.outages], [o.id for o in board.cancelled]) == ([now], gone)
    told = {each["id"]: each["life"] for each in (await web.get("/outages")).json()}
    assert told == {now: "active"} | dict.fromkeys(gone, "cancelled")
    assert [each["id"] for each in (await web.get("/outages", params={"state": "cancelled"})).json()] == gone[::-1]
    assert (await web.get("/outages", params={"state": "draft"})).json() == []
    assert (await web.get(f"/outages/{gone[-1]}")).json()["life"] == "cancelled"
    assert (await web.get(f"/outages/{gone[-1]}", headers=AUTH)).json()["life"] == "draft"
    assert [(await web.get(f"/outages/{each}")).status_code for each in unheard] == [404, 404, 404]
    await web.patch(f"/outages/{gone[-1]}", json={"announcement_tr": "Gizli."}, headers=AUTH)
    assert (await web.get(f"/outages/{gone[-1]}")).status_code == 404, "what is written next is a draft again"


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "guess"}, {"Authorization": "Bearer guess"}, {"X-API-Key": ""}])
async def test_writing_needs_the_key(web: httpx.AsyncClient, places: Places, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", "/outages"),
        ("PATCH", "/outages/1"),
        ("POST", "/outages/1/end"),
        ("POST", "/outages/1/cancel"),
        ("POST", "/outages/1/publish"),
        ("POST", "/broadcasts/1/end"),
        ("POST", "/broadcasts"),
        ("PUT", "/mass-call"),
    ):
        body = {"POST /broadcasts": {"text_tr": "x", "ends": START.isoformat()}, "PUT /mass-call": {"on": True}}
        json = body.get(f"{method} {path}", outage(places.yeni) if path == "/outages" else {})
        refused(await web.request(method, path, json=json, headers=headers), 401, "no_key")
    refused(await web.post("/outages/import", files={"file": ("a.csv", b"x")}, headers=headers), 401, "no_key")
    assert (await web.get("/outages")).json() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expected_end": (START - 2 * HOUR).isoformat()}, "end_before_start"),
        ({"areas": [{"area_id": 999}]}, "unknown_area"),
        ({"areas": []}, "not_understood"),
        ({"cause": "aliens"}, "not_understood"),
        ({"starts": "2026-11-25T09:00:00"}, "not_understood"),
        ({"starts": "yesterday"}, "not_understood"),
        ({"subscribers": -1}, "not_understood"),
        ({"typo": 1}, "not_understood"),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(
    web: httpx.AsyncClient, places: Places, change: dict[str, Any], code: str
) -> None:
    refused(await web.post("/outages", json=outage(places.yeni) | change, headers=AUTH), 422, code)
    assert (await web.get("/outages")).json() == []


async def test_what_is_not_json_is_refused(web: httpx.AsyncClient, places: Places) -> None:
    headers = AUTH | {"Content-Type": "application/json"}
    refused(await web.post("/outages", content=b"{", headers=headers), 422, "not_understood")
    refused(await web.post("/outages", content=b"\xff\xfe", headers=headers), 422, "not_understood")


async def test_states_in_which_it_cannot_be_done(web: httpx.AsyncClient, places: Places) -> None:
    refused(await web.get("/outages/99"), 404, "unknown_outage")
    refused(await web.get("/areas/99"), 404, "no_such_area")
    refused(await web.get("/outages", params={"area_id": 99}), 404, "no_such_area")
    later = {"starts": (START + HOUR).isoformat(), "expected_end": None}
    created = (await web.post("/outages", json=outage(places.yeni, **later), headers=AUTH)).json()["id"]
    refused(await web.post(f"/outages/{created}/end", headers=AUTH), 409, "not_started")
    refused(await web.patch(f"/outages/{created}", json={"starts": None}, headers=AUTH), 422, "not_understood")
    await web.post(f"/outages/{created}/cancel", headers=AUTH)
    refused(await web.patch(f"/outages/{created}", json={"crew": "on_site"}, headers=AUTH), 409, "cancelled")


async def test_nobodys_work_is_overwritten(web: httpx.AsyncClient, places: Places) -> None:
    path = f"/outages/{(await web.post('/outages', json=outage(places.yeni), headers=AUTH)).json()['id']}"
    seen = (await web.get(path)).headers["ETag"]
    assert (await web.patch(path, json={"crew": "on_the_way"}, headers=AUTH | {"If-Match": seen})).status_code == 200
    late = await web.patch(path, json={"crew": "on_site"}, headers=AUTH | {"If-Match": seen})
    refused(late, 412, "revision_conflict")
    refused(await web.post(f"{path}/end", headers=AUTH | {"If-Match": "soon"}), 422, "bad_revision")
    assert (await web.get(path)).json()["crew"] == "on_the_way"


async def test_a_body_beyond_its_limit_is_refused_declared_or_not(web: httpx.AsyncClient, places: Places) -> None:
    big = b'{"cause": "' + b"x" * 300_000 + b'"}'
    headers = AUTH | {"Content-Type": "application/json"}
    refused(await web.post("/outages", content=big, headers=headers), 413, "too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 50_000):
            yield big[start : start + 50_000]

    refused(await web.post("/outages", content=chunks(), headers=headers), 413, "too_large")


async def test_areas_by_name_district_and_kind(web: httpx.AsyncClient, places: Places) -> None:
    async def ids(**query: Any) -> list[int]:
        return [area["id"] for area in (await web.get("/areas", params=query)).json()]

    assert await ids(name="BARIS") == [places.baris]
    assert await ids(kind="district") == [places.gebze, places.korfez]
    assert await ids(name="yeni", district_id=places.korfez) == [places.korfez_yeni]
    assert places.merged not in await ids()
    assert (await web.get(f"/areas/{places.merged}")).json()["merged_into"] == places.baris


async def test_broadcasts_and_the_mass_call_switch(web: httpx.AsyncClient, places: Places) -> None:
    body = {"text_tr": "Su içmeyin.", "ends": (START + timedelta(minutes=30)).isoformat()}
    made = await web.post("/broadcasts", json=body, headers=AUTH)
    assert [each["id"] for each in (await web.get("/broadcasts")).json()] == [made.json()["id"]]
    await web.post(f"/broadcasts/{made.json()['id']}/end", headers=AUTH)
    assert (await web.get("/broadcasts")).json() == []
    refused(
        await web.post("/broadcasts", json=body | {"ends": START.isoformat()}, headers=AUTH), 422, "bad_broadcast_end"
    )
    refused(await web.put("/mass-call", json={"on": True}, headers=AUTH), 422, "mass_call_needs_end")
    until = {"on": True, "until": (START + HOUR).isoformat()}
    assert (await web.put("/mass-call", json=until, headers=AUTH)).json()["on"]
    told = (await web.get("/mass-call")).json()
    assert (told["on"], datetime.fromisoformat(told["until"])) == (True, START + HOUR)
    assert not (await web.put("/mass-call", json={"on": False}, headers=AUTH)).json()["on"]
    assert (await web.get("/mass-call")).json() == {"on": False, "until": None}


async def test_a_file_is_imported_whole_or_not_at_all(web: httpx.AsyncClient, places: Places) -> None:
    head = "id;ilçe;mahalle;tip;başlangıç;bitiş\n"
    good = f"{head}A1;Gebze;Barış;arıza;25.11.2026 11:00;25.11.2026 17:00\n"
    bad = f"{good}A2;Gebze;Yokköy;arıza;25.11.2026 11:00;25.11.2026 17:00\n"

    async def send(text: str) -> httpx.Response:
        return await web.post("/outages/import", files={"file": ("k.csv", text.encode())}, headers=AUTH)

    answer = await send(bad)
    assert (answer.status_code, [error["line"] for error in answer.json()["errors"]]) == (422, [3]), answer.text
    assert (await web.get("/outages")).json() == []
    assert (await send(good)).json()["added"] == 1
    assert (await send(good)).json() == {"added": 0, "changed": 0, "unchanged": 1, "errors": []}
    refused(await send(""), 422, "unreadable_file")


async def test_a_database_that_is_away_is_told_as_such(web: httpx.AsyncClient, db: Database) -> None:
    if db.dialect == "sqlite":
        async with db.engine.connect() as connection:
            await connection.exec_driver_sql("DROP TABLE outage_areas")
            await connection.exec_driver_sql("DROP TABLE outage_revisions")
            await connection.exec_driver_sql("DROP TABLE outages")
            await connection.commit()
    else:
        async with db.engine.connect() as connection:
            await connection.exec_driver_sql("DROP TABLE outages CASCADE")
            await connection.commit()
    refused(await web.get("/outages"), 503, "database_not_prepared")


async def test_a_key_made_anew_replaces_the_old_one(web: httpx.AsyncClient, db: Database) -> None:
    await ensure_api_key(db, "another key")
    refused(await web.put("/mass-call", json={"on": True}, headers=AUTH), 401, "no_key")
    assert (await web.put("/mass-call", json={"on": False}, headers={"X-API-Key": "another key"})).status_code == 200


async def test_the_documentation_describes_keys_and_errors(web: httpx.AsyncClient) -> None:
    schema = (await web.get("http://test/openapi.json")).json()
    create = schema["paths"]["/api/v1/outages"]["post"]
    assert {"APIKeyHeader": []} in create["security"]
    assert {} not in create["security"]
    assert {} in schema["paths"]["/api/v1/outages"]["get"]["security"]
    assert create["responses"]["409"]["content"]["application/json"]["schema"]["$ref"].endswith("ErrorOut")
