"""REST in hostile and clumsy hands: whatever is sent, the answer is one sentence and nothing is half done."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ivr.web import speak_plainly
from people.apikeys import ensure_api_key
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places
from tests.shared_rest import outages_rest

KEY = "a-key-of-high-entropy"
AUTH = {"X-API-Key": KEY}
ABSURD = 10**30


@pytest.fixture
async def places(db: Database) -> Places:
    await ensure_api_key(db, KEY)
    return await add_places(db)


@pytest.fixture
async def web(db: Database, places: Places) -> AsyncIterator[httpx.AsyncClient]:
    app = outages_rest(db, Clock())

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError("a secret detail")

    speak_plainly(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=AUTH) as client:
        yield client


def outage(area: int, **given: Any) -> dict[str, Any]:
    starts = (START - HOUR).isoformat()
    return {"kind": "fault", "cause": "pipe_burst", "areas": [{"area_id": area}], "starts": starts} | given


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize(
    "path",
    [
        f"/outages/{ABSURD}",
        f"/areas/{ABSURD}",
        f"/areas?district_id={ABSURD}",
        f"/outages?area_id={ABSURD}",
        f"/outages?before={ABSURD}",
        f"/outages/{2**31}",
    ],
)
async def test_a_number_that_no_row_can_have(web: httpx.AsyncClient, path: str) -> None:
    refused(await web.get(path), 422)


@pytest.mark.parametrize("path", [f"/outages/{ABSURD}/end", f"/outages/{ABSURD}/cancel", f"/broadcasts/{ABSURD}/end"])
async def test_writing_to_a_number_that_no_row_can_have(web: httpx.AsyncClient, path: str) -> None:
    refused(await web.post(path), 422)


@pytest.mark.parametrize(
    "given",
    [
        {"areas": [{"area_id": ABSURD}]},
        {"starts": "0001-01-01T00:00:00+14:00"},
        {"starts": "9999-12-31T23:59:59-12:00"},
        {"starts": 5},
        {"expected_end": "9999-12-31T23:59:59-12:00"},
        {"external_id": "a\x00b"},
        {"announcement_tr": "a\x00b"},
    ],
)
async def test_an_outage_that_cannot_be(web: httpx.AsyncClient, places: Places, given: dict[str, Any]) -> None:
    refused(await web.post("/outages", json=outage(places.yeni, **given)), 422)
    assert (await web.get("/outages")).json() == []


@pytest.mark.parametrize(
    "given",
    [
        {"ends": "9999-12-31T23:59:59-12:00"},
        {"text_tr": "a\x00b"},
        {"text_en": "a\x00b"},
        {"district_id": ABSURD},
    ],
)
async def test_a_broadcast_that_cannot_be(web: httpx.AsyncClient, given: dict[str, Any]) -> None:
    body = {"text_tr": "Suyu kaynatın.", "ends": (START + HOUR).isoformat()} | given
    refused(await web.post("/broadcasts", json=body), 422)
    assert (await web.get("/broadcasts")).json() == []


async def test_an_end_in_another_age(web: httpx.AsyncClient, places: Places) -> None:
    made = (await web.post("/outages", json=outage(places.yeni))).json()
    path = f"/outages/{made['id']}"
    refused(await web.post(f"{path}/end", json={"at": "9999-12-31T23:59:59-12:00"}), 422)
    assert (await web.get(path)).json()["life"] == "active"


async def test_paths_and_methods_that_are_not_there(web: httpx.AsyncClient) -> None:
    assert "docs" in refused(await web.get("/nothing"), 404)
    answer = await web.delete("/outages")
    refused(answer, 405)
    assert "GET" in answer.headers["allow"]


async def test_our_own_failure_tells_nothing_of_the_inside(web: httpx.AsyncClient) -> None:
    assert "secret" not in refused(await web.get("/broken"), 500)


async def test_answers_are_not_sniffed_framed_or_kept(web: httpx.AsyncClient) -> None:
    for path in ("/outages", "/nothing", "/broken"):
        headers = (await web.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


async def test_a_list_of_the_sources_own_neighbourhood_numbers(web: httpx.AsyncClient) -> None:
    feed = b'[{"ArizaID": 7, "MahalleID": [4711], "Tip": "Ariza", "KesintiTarihi": "2026-11-25T11:00"}]'
    ids = b"id;il\xc3\xa7e;mahalle\n4711;Gebze;Bar\xc4\xb1\xc5\x9f\n"
    alone = await web.post("/outages/import", files={"file": ("feed.json", feed)})
    assert alone.status_code == 422
    assert "4711" in alone.json()["errors"][0]["reason"]
    told = await web.post("/outages/import", files={"file": ("feed.json", feed), "ids": ("ids.csv", ids)})
    assert (told.status_code, told.json()["added"]) == (200, 1)
    assert (await web.get("/outages")).json()[0]["areas"][0]["name"] == "Barış"
    refused(await web.post("/outages/import", files={"file": ("f.json", feed), "ids": ("ids.csv", b"a;b\n1;2\n")}), 422)
