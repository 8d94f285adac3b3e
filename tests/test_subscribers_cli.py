"""`./alo185 subscribers …`: lists in, all that is held out, and erasure, as the utility's clerks type it."""

import json
import sqlite3
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ivr.cli.subscribers import register
from storage.database import Database
from tests.clusters import in_own_loop
from tests.outage_world import add_places

app = typer.Typer()
register(app)
LIST = "Abone No;Ad Soyad;Telefon;İlçe;Mahalle\n4532170;Ayşe Yılmaz;05321234567;Gebze;Yeni Mahalle\n12;Hatalı;;;\n"


@pytest.fixture
def file(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    monkeypatch.setenv("ALO185_STATE", str(tmp_path / "state"))
    in_own_loop(_places(database_url))
    path = tmp_path / "aboneler.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


async def _places(url: str) -> None:
    db = Database(url)
    await add_places(db)
    await db.close()


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["subscribers", *map(str, words)])


def counts(done: Result) -> dict[str, int]:
    told = json.loads(done.stdout)
    return {name: told[name] for name in ("new", "changed", "same", "bad")}


def test_a_list_is_looked_at_then_taken_in_then_known(file: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    looked = run("import", file, "--dry-run", "--json", "--rows", rows)
    assert (looked.exit_code, counts(looked)) == (1, {"new": 1, "changed": 0, "same": 0, "bad": 1})
    assert json.loads(looked.stdout)["saved"] is False
    assert "3;12;bad;;" in rows.read_text(encoding="utf-8-sig")
    assert "12" in json.loads(looked.stdout)["errors"][0]["reason"]
    assert counts(run("import", file, "--json")) == {"new": 1, "changed": 0, "same": 0, "bad": 1}
    assert counts(run("import", file, "--json")) == {"new": 0, "changed": 0, "same": 1, "bad": 1}


def test_all_that_is_held_is_written_for_its_owner_only(file: Path, tmp_path: Path) -> None:
    run("import", file)
    to = tmp_path / "veriler.json"
    assert run("export", "4532170", "--to", to).exit_code == 0
    assert json.loads(to.read_text())["subscriber"][0]["name"] == "Ayşe Yılmaz"
    assert to.stat().st_mode & 0o077 == 0
    assert run("export", "4532170", "--to", tmp_path / "x.doc").exit_code == 2


def test_nobody_is_erased_by_accident(file: Path) -> None:
    run("import", file)
    asked = run("erase", "4532170")
    assert (asked.exit_code, "Add --yes" in asked.stdout) == (1, True)
    assert json.loads(run("erase", "4532170", "--yes", "--json").stdout)["subscribers"] == 1
    assert counts(run("import", file, "--json"))["bad"] == 2
    assert run("erase", "4532170", "--yes").exit_code == 1


@pytest.mark.parametrize("words", [("import",), ("import", "a.csv", "--from-database", "sqlite:///x")])
def test_a_list_comes_from_one_place(file: Path, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_database_is_read(file: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as made:
        made.execute("CREATE TABLE alo185_subscribers (number TEXT, name TEXT)")
        made.execute("INSERT INTO alo185_subscribers VALUES ('7777777', 'Mehmet Kaya')")
    made.close()
    done = run("import", "--from-database", f"sqlite:///{tmp_path / 'other.db'}", "--json")
    assert (done.exit_code, counts(done)["new"]) == (0, 1)
