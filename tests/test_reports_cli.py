"""`./alo185 reports make`: the same report in the terminal, for programs, as a workbook, as text and on paper."""

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from ivr.cli import app
from storage.database import Database
from tests.clusters import in_own_loop
from tests.report_world import edges, report_world

OCTOBER = ["reports", "make", "--period", "month", "--date", "2026-10"]


async def _fill(url: str) -> None:
    db = Database(url)
    world = await report_world(db)
    edges(world)
    await world.keep()
    await db.close()


@pytest.fixture
def installed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    monkeypatch.setenv("ALO185_STATE", str(tmp_path / "state"))
    in_own_loop(_fill(database_url))


def told(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*OCTOBER, *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("installed")
def test_all_forms_tell_the_same(tmp_path: Path) -> None:
    program = json.loads(told("--json"))
    assert (program["first"], program["last"], program["time_zone"]) == ("2026-10-01", "2026-10-31", "Europe/Istanbul")
    summary = next(table for table in program["tables"] if table["key"] == "calls.summary")["lines"]
    calls = int(summary[0]["figures"][0]["value"])
    assert calls > 10
    assert f"{'Arama':<46}{calls:>16}" in told()
    rows = list(csv.reader(io.StringIO(told("--format", "csv").lstrip("\ufeff")), delimiter=";"))
    assert rows[1] == ["Telefon hattı", "Telefon hattı, özet", "Arama", "Değer", str(calls)]
    file = tmp_path / "report.xlsx"
    told("--format", "xlsx", "--out", str(file), "--language", "en")
    sheet = load_workbook(file)["The telephone line"]
    assert [cell.value for cell in sheet[4]][:2] == ["Calls", calls]
    assert sheet["A1"].value == "Monthly report · October 2026 · All units"


@pytest.mark.usefixtures("installed")
def test_a_units_report_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    assert "bytes" in told("--format", "pdf", "--unit", "Gebze Şebeke", "--out", str(file))
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--format", "pdf"], "give --out FILE"),
        (["--unit", "Yok"], "there is no unit 'Yok': Abone (2), Gebze Şebeke (1)"),
        (["--period", "year"], "'year' is not one of"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(wrong: list[str], sentence: str) -> None:
    done = CliRunner().invoke(app, [*OCTOBER, *wrong])
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.replace("│", " ").split())


@pytest.mark.usefixtures("installed")
def test_a_day_that_is_none_is_refused() -> None:
    done = CliRunner().invoke(app, ["reports", "make", "--date", "yesterday"])
    assert (done.exit_code, getattr(done.exception, "code", None)) == (1, "bad_date")
