"""Reports for programs: the same figures, for keys that may read."""

from collections.abc import AsyncIterator

import httpx
import pytest

from people.apikeys import KeyService, ensure_api_key
from people.roles import Scope
from storage.database import Database
from tests.report_world import MADE, ReportWorld, edges, report_world
from tests.shared_rest import reports_rest

KEY = "a-key-of-high-entropy"


@pytest.fixture
async def world(db: Database) -> ReportWorld:
    made = await report_world(db)
    edges(made)
    await made.keep()
    await ensure_api_key(db, KEY, now=lambda: MADE)
    return made


@pytest.fixture
async def web(world: ReportWorld) -> AsyncIterator[httpx.AsyncClient]:
    app = reports_rest(world.db, lambda: MADE)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


async def test_a_program_reads_the_figures(web: httpx.AsyncClient, world: ReportWorld) -> None:
    asked = {"period": "month", "date": "2026-10"}
    report = (await web.get("/reports", params=asked, headers={"X-API-Key": KEY})).json()
    assert (report["first"], report["last"], report["settled"], report["unit"]) == (
        "2026-10-01",
        "2026-10-31",
        True,
        None,
    )
    tables = {table["key"]: {line["key"]: line["figures"] for line in table["lines"]} for table in report["tables"]}
    assert tables["calls.summary"]["contained"][0]["kind"] == "share"
    assert tables["calls.by_day"]["2026-10-10"][0] == {"column": "calls", "value": 1, "kind": "count"}
    own = (await web.get("/reports", params=asked | {"unit_id": world.network}, headers={"X-API-Key": KEY})).json()
    assert own["unit"] == "Gebze Şebeke"
    assert not any(table["key"].startswith("calls.") for table in own["tables"])


async def test_without_a_day_it_is_the_last_one_that_is_over(web: httpx.AsyncClient) -> None:
    report = (await web.get("/reports", headers={"X-API-Key": KEY})).json()
    assert (report["first"], report["last"], report["settled"]) == ("2026-11-09", "2026-11-09", False)


async def test_only_keys_that_may_read_are_answered(web: httpx.AsyncClient, world: ReportWorld) -> None:
    async with world.db.session() as session:
        secret = await KeyService(session, lambda: MADE, "tests").add("writer", [Scope.tickets])
        await session.commit()
    assert (await web.get("/reports")).status_code == 401
    assert (await web.get("/reports", headers={"X-API-Key": secret})).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"date": "x"}, 422, "bad_date"),
        ({"unit_id": "99"}, 404, "unknown_unit"),
        ({"period": "year"}, 422, None),
    ],
)
async def test_what_is_no_report_is_refused(
    web: httpx.AsyncClient, asked: dict[str, str], status: int, code: str | None
) -> None:
    refused = await web.get("/reports", params=asked, headers={"X-API-Key": KEY})
    assert refused.status_code == status
    assert code in (None, refused.json()["error"]["code"])
