"""`./alo185 callers forget`: how the utility honours a withdrawn consent."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from calls.memory import CallerMemory
from ivr.cli.callers import register
from ivr.settings import Settings
from storage.database import Database
from tests.clusters import in_own_loop

app = typer.Typer()
register(app)
NOTHING_ELSE = {"calls_back": 0, "talks": 0, "notices": 0}


def test_the_number_is_understood_as_it_is_written(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    monkeypatch.setenv("ALO185_STATE", str(tmp_path))
    in_own_loop(_remember(database_url))
    for expected in (True, False):
        done = CliRunner().invoke(app, ["callers", "forget", "0532 123 45 67", "--json"])
        assert json.loads(done.stdout) == {"remembered_area": expected, "calls": 0, "tickets": 0} | NOTHING_ELSE
    assert CliRunner().invoke(app, ["callers", "forget", "abc"]).exit_code == 2


async def _remember(url: str) -> None:
    db = Database(url)
    await CallerMemory(db, Settings().secret("caller-hash")).remember("+905321234567", 7)
    await db.close()
