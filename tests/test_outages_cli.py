"""`./alo185 outages`: what an operator types, straight into the database of a line that is in use."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from ivr.cli.outages import register
from ivr.cli.times import moment
from outages.errors import OutageError
from storage.database import Database
from storage.errors import StorageError
from tests.clusters import in_own_loop
from tests.outage_world import Places, add_places

ISTANBUL = ZoneInfo("Europe/Istanbul")
TODAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
"""In Istanbul it is midnight already."""

app = typer.Typer()
register(app)


@pytest.fixture
def places(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    return in_own_loop(_filled(database_url))


async def _filled(url: str) -> Places:
    db = Database(url)
    places = await add_places(db)
    await db.close()
    return places


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["outages", *words])


def told(*words: str) -> Any:
    result = typed(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_fault_is_recorded_listed_and_ended(places: Places) -> None:
    [added] = told("add", "Gebze/Yeni Mahalle", "Gebze/Barış", "--cause", "pipe_burst", "--crew", "on_site")
    assert (added["kind"], added["life"], len(added["areas"])) == ("fault", "active", 2)
    assert [each["id"] for each in told("list", "--area", "gebze")] == [added["id"]]
    assert told("list", "--area", "Körfez") == []
    line = typed("list").stdout
    assert "Gebze/Yeni Mahalle" in line
    assert "pipe_burst" in line
    [ended] = told("end", str(added["id"]))
    assert ended["life"] == "restored"
    assert told("list") == []
    assert len(told("list", "--all")) == len(told("list", "--when", "restored")) == 1


def test_planned_work_is_recorded_and_cancelled(places: Places) -> None:
    words = ("--planned", "--cause", "renewal", "--start", "2099-01-01 09:00", "--until", "17:00")
    [added] = told("add", "Gebze", *words)
    assert (added["kind"], added["life"]) == ("planned", "scheduled")
    assert (added["starts"], added["expected_end"]) == ("2099-01-01T06:00:00Z", "2099-01-01T14:00:00Z")
    assert told("cancel", str(added["id"]))[0]["life"] == "cancelled"


def test_what_is_wrong_is_said_and_changes_nothing(places: Places) -> None:
    for words, code in (
        (("add", "Yeni Mahalle"), "unknown_area"),
        (("add", "Gebze/Yeni Mahale"), "unknown_area"),
        (("end", "99"), "unknown_outage"),
        (("cancel", "99"), "unknown_outage"),
    ):
        refused = typed(*words).exception
        assert isinstance(refused, OutageError)
        assert refused.code == code
    assert typed("add", "Gebze", "--start", "25:00").exit_code == 2
    assert typed("add", "Gebze", "--cause", "aliens").exit_code == 2
    assert told("list", "--all") == []


def test_a_file_with_a_bad_row_is_not_imported(places: Places, tmp_path: Path) -> None:
    good = "id;ilçe;mahalle;tip;başlangıç;bitiş\nA1;Gebze;Barış;arıza;25.11.2026 11:00;\n"
    file = tmp_path / "kesintiler.csv"
    file.write_text(good + "A2;Gebze;Yokköy;arıza;25.11.2026 11:00;\n")
    refused = typed("import", str(file))
    assert refused.exit_code == 1
    assert "line 3" in refused.stderr
    assert told("list", "--all") == []
    file.write_text(good)
    assert told("import", str(file))["added"] == 1
    assert told("import", str(file))["unchanged"] == 1


def test_where_planned_work_is_reviewed_a_file_is_no_way_around(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALO185_REVIEW_PLANNED", "true")
    file = tmp_path / "kesintiler.csv"
    file.write_text("id;ilçe;mahalle;tip;başlangıç\nA1;Gebze;Barış;planlı;25.11.2030 11:00\n")
    assert told("import", str(file))["added"] == 1
    (held,) = told("list", "--all")
    assert held["life"] == "draft"


def test_where_planned_work_is_reviewed_the_command_line_writes_drafts_of_it_only(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALO185_REVIEW_PLANNED", "true")
    work = ("add", "Gebze", "--planned", "--start", "2030-11-25 09:00")
    refused = typed(*work).exception
    assert isinstance(refused, OutageError)
    assert refused.code == "needs_second_person"
    assert told("list", "--all") == []
    (draft,) = told(*work, "--draft")
    assert draft["life"] == "draft"
    (fault,) = told("add", "Gebze")
    assert fault["life"] == "active"


def test_a_database_that_was_never_prepared_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALO185_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    refused = typed("list").exception
    assert isinstance(refused, StorageError)
    assert "./alo185 run" in str(refused)


@pytest.mark.parametrize(
    ("text", "after", "meant"),
    [
        ("17:00", None, "2026-11-26T17:00+03:00"),
        ("9.30", None, "2026-11-26T09:30+03:00"),
        ("24:00", None, "2026-11-27T00:00+03:00"),
        ("02:00", "2026-11-26T23:00+03:00", "2026-11-27T02:00+03:00"),
        ("2026-12-01 09:00", None, "2026-12-01T09:00+03:00"),
        ("2026-12-01T09:00Z", None, "2026-12-01T12:00+03:00"),
    ],
)
def test_times_are_local_and_an_end_is_later_than_its_start(text: str, after: str | None, meant: str) -> None:
    later = datetime.fromisoformat(after) if after else None
    assert moment(text, ISTANBUL, TODAY, after=later) == datetime.fromisoformat(meant)


@pytest.mark.parametrize("text", ["", "25:00", "24:01", "12:60", "noon", "17", "2026-13-01 09:00", "-1:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no time"):
        moment(text, ISTANBUL, TODAY)
