"""Every route of REST, called with what its own OpenAPI description allows and forbids; schemathesis finds nothing."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema

from ivr.app import create_app
from ivr.settings import Settings
from people.apikeys import ensure_api_key
from tests.browser import served
from tests.outage_world import add_places

KEY = "a-key-of-high-entropy"
BOUNDED = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service's own application behind a real server, with a few areas and a key to everything."""
    state = tmp_path_factory.mktemp("rest")
    told: list[str] = []
    up, done = threading.Event(), asyncio.Event()

    async def serve() -> None:
        app = create_app(Settings(_env_file=None, state=state))
        service = app.state.service
        await service.db.migrate()
        await ensure_api_key(service.db, KEY)
        await add_places(service.db)
        await service.keeper.refresh()
        async with served(app) as url:
            told.append(url)
            up.set()
            await done.wait()
        await service.library.close()
        await service.db.close()

    loop = asyncio.new_event_loop()
    serving = threading.Thread(target=loop.run_until_complete, args=[serve()])
    serving.start()
    assert up.wait(60)
    yield told[0]
    loop.call_soon_threadsafe(done.set)
    serving.join()


@pytest.fixture(scope="module")
def rest(address: str) -> OpenApiSchema:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


described = schemathesis.pytest.from_fixture("rest")


@described.parametrize()
@BOUNDED
def test_whoever_has_a_key_to_everything(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"X-API-Key": KEY})


@described.parametrize()
@BOUNDED
def test_whoever_has_no_key(case: schemathesis.Case) -> None:
    case.call_and_validate()
