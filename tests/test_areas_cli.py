"""`./alo185 areas …` as an operator types it."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from ivr.cli import areas

LIST = "ilçe;mahalle;nüfus\nGebze;Yenikent;1.250\nGebze;17 Ağustos;\nDarıca;Barış;\n"


class Operator:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._app = typer.Typer()
        areas.register(self._app)

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(self._app, ["areas", *words], env={"ALO185_STATE": str(self.folder)})

    def reads(self, *words: str) -> Any:
        done = self.types(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    operator = Operator(tmp_path_factory.mktemp("state"))
    (operator.folder / "list.csv").write_text(LIST)
    assert len(operator.reads("import", str(operator.folder / "list.csv"))["added"]) == 5
    return operator


def test_importing_again_changes_nothing(operator: Operator) -> None:
    assert operator.reads("import", str(operator.folder / "list.csv"))["unchanged"] == 5
    assert operator.types("import", str(operator.folder / "list.csv")).stdout.split() == ["unchanged", "5"]


def test_areas_are_listed_by_number(operator: Operator) -> None:
    areas = operator.reads("list", "--district", "GEBZE")
    assert [area["name"] for area in areas] == ["Gebze", "Yenikent", "17 Ağustos"]
    assert areas[1]["district"] == "Gebze"
    assert areas[1]["population"] == 1250


def test_areas_are_found_by_name_and_by_keys(operator: Operator) -> None:
    for typed in ("yenikent", "YENİ", "936"):
        assert [area["name"] for area in operator.reads("find", typed)] == ["Yenikent"]
    assert [area["name"] for area in operator.reads("find", "agustos")] == ["17 Ağustos"]
    assert operator.types("find", "nirgendwo").exit_code == 1


def test_bad_input_is_told_without_changing_anything(operator: Operator) -> None:
    (operator.folder / "bad.csv").write_text("ilçe;mahalle;nüfus\nGebze;Barış;viele\n")
    refused = operator.types("import", str(operator.folder / "bad.csv"))
    assert refused.exit_code != 0
    assert "line 2: 'viele' is no count" in str(refused.exception)
    assert operator.types("list", "--district", "Nirgendwo").exit_code == 2
    assert len(operator.reads("list")) == 5
