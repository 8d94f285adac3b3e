"""`./alo185 calls report`: what an operator reads about the line's day."""

import json
from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from calls.journal import Journal, Outcome
from calls.records import CallRecords
from ivr.cli.calls import register
from ivr.clock import now
from storage.database import Database
from storage.types import use_key
from tests.clusters import in_own_loop

app = typer.Typer()
register(app)


async def _two_calls(url: str) -> None:
    use_key("a key of the tests")
    db = Database(url)
    records = CallRecords(db, now)
    for number, outcome in enumerate((Outcome.served, Outcome.transferred)):
        begun = now() - timedelta(hours=1)
        call = Journal(f"1.{number}", None, begun, "ari", outcome=outcome, answered=begun)
        call.first_answer, call.ended = begun + timedelta(seconds=4), begun + timedelta(seconds=30)
        await records.save(call)
    await db.close()


def test_the_share_that_needed_no_person(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    in_own_loop(_two_calls(database_url))
    told = CliRunner().invoke(app, ["calls", "report"]).output
    assert "50.0%" in told
    assert "4.0 s" in told
    counted = json.loads(CliRunner().invoke(app, ["calls", "report", "--days", "0.01", "--json"]).output)
    assert (counted["calls"], counted["first_answer_seconds"]) == (0, None)
