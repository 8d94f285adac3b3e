"""Every route of REST, called with what its own OpenAPI description allows and forbids; schemathesis finds nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.service import Service
from tests.outage_world import add_places
from tests.whole_service import KEY, whole_service

RULES = str(Path(__file__).with_name("schemathesis.toml"))
EXAMPLES = "4"
"""Of each route and phase, beside all those that its coverage phase makes of the description."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    async def fill(service: Service) -> None:
        await add_places(service.db)
        service.ready = True

    with whole_service(tmp_path_factory.mktemp("rest"), fill) as url:
        yield url


@pytest.mark.parametrize("key", [KEY, None], ids=["with a key to everything", "without a key"])
def test_schemathesis_finds_nothing(address: str, key: str | None, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    asked = ["--config-file", RULES, "run", f"{address}/openapi.json", "--max-examples", EXAMPLES, "--seed", "185"]
    asked += ["--generation-database", "none", "--warnings", "off", "--request-timeout", "60", "--no-color"]
    # whoever has no key is refused before anything else is looked at: there is nothing further to search
    asked += ["--header", f"X-API-Key: {key}"] if key else ["--phases", "examples,coverage"]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([program, *asked], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-100_000:] + done.stderr[-2_000:]
