"""`./alo185 areas …` as an operator types it, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIST = "ilçe;mahalle;nüfus\nGebze;Yenikent;1.250\nGebze;17 Ağustos;\nDarıca;Barış;\n"
STAND = "import typer; from ivr.cli import areas; app = typer.Typer(pretty_exceptions_enable=False); areas.register(app); app()"


class Operator:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"ALO185_STATE": str(self.folder), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", STAND, "areas", *words]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60)

    def reads(self, *words: str) -> Any:
        done = self.types(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    operator = Operator(tmp_path_factory.mktemp("state"))
    (operator.folder / "list.csv").write_text(LIST)
    assert len(operator.reads("import", "list.csv")["added"]) == 5
    return operator


def test_importing_again_changes_nothing(operator: Operator) -> None:
    assert operator.reads("import", "list.csv")["unchanged"] == 5
    assert operator.types("import", "list.csv").stdout.split() == ["unchanged", "5"]


def test_areas_are_listed_by_number(operator: Operator) -> None:
    areas = operator.reads("list", "--district", "GEBZE")
    assert [area["name"] for area in areas] == ["Gebze", "Yenikent", "17 Ağustos"]
    assert areas[1]["district"] == "Gebze"
    assert areas[1]["population"] == 1250


def test_areas_are_found_by_name_and_by_keys(operator: Operator) -> None:
    for typed in ("yenikent", "YENİ", "936"):
        assert [area["name"] for area in operator.reads("find", typed)] == ["Yenikent"]
    assert [area["name"] for area in operator.reads("find", "agustos")] == ["17 Ağustos"]
    assert operator.types("find", "nirgendwo").returncode == 1


def test_bad_input_is_told_without_changing_anything(operator: Operator) -> None:
    (operator.folder / "bad.csv").write_text("ilçe;mahalle;nüfus\nGebze;Barış;viele\n")
    refused = operator.types("import", "bad.csv")
    assert refused.returncode != 0
    assert "line 2: 'viele' is no count" in refused.stderr
    assert operator.types("list", "--district", "Nirgendwo").returncode == 2
    assert len(operator.reads("list")) == 5
