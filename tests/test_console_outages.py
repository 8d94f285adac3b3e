"""Writing an outage: by form, by keyboard and without script; what callers then hear is what the page had said."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from people.roles import Role
from storage.database import Database
from tests.console_world import ConsoleWorld, console_world


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def test_an_outage_is_written_without_script_and_is_on_the_board(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        page = await browser.open("/console/outages/new")
        assert page.status_code == 200
        sent = await browser.submit(
            "/console/outages/new", where="gebze/yeni mahalle", cause="pipe_burst", when="şimdi +3 saat", do="publish"
        )
        assert sent.status_code == 303, sent.text
        page = await browser.open(sent.headers["location"])
        assert page.status_code == 200
        for path in ("/console/outages", "/console/outages?show=all&q=1&area=gebze"):
            assert (await browser.open(path)).status_code == 200
        edit = await browser.open("/console/outages/1/edit")
        assert edit.status_code == 200
        print(edit.text)
