"""The audit log is read in words: whatever the program notes down has a Turkish and an English name."""

import ast
from collections.abc import Iterator
from pathlib import Path

from console.office import FOLDER
from web.texts import Texts

ROOT = Path(__file__).parents[1]
WRITERS = {"record", "_record", "_audit", "_note", "_live", "_broadcast_changed", "done"}
"""What writes into the log, with what was done as its first short word."""


def noted() -> Iterator[tuple[str, str]]:
    """Each thing that is noted down, with where."""
    rooms = "people outages outbox notices tickets subscribers citizens dialling agents reports"
    for room in rooms.split():
        for file in sorted((ROOT / room).rglob("*.py")):
            for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from ((what, f"{file.name}:{line}") for what, line in _in(function, room))


def _in(function: ast.FunctionDef | ast.AsyncFunctionDef, room: str) -> Iterator[tuple[str, int]]:
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        writer = ast.unparse(call.func).rpartition(".")[2]
        of_outages = "outage_" if room == "outages" and writer in ("_record", "_live") else ""
        said = [
            what
            for argument in call.args[3 if writer == "record" else 0 :]
            for what in _words(argument, function)
            if what.isidentifier()
        ]
        if writer in WRITERS:
            yield from ((of_outages + what, call.lineno) for what in said[:2])


def _words(argument: ast.expr, function: ast.AST) -> Iterator[str]:
    """The texts that an argument may be: written there, chosen there, or kept under a name before."""
    values = [argument]
    if isinstance(argument, ast.Name):
        assigned = (each for each in ast.walk(function) if isinstance(each, ast.Assign))
        values = [each.value for each in assigned if ast.unparse(each.targets[0]) == argument.id]
    for value in values:
        for choice in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                yield choice.value


def test_whatever_is_noted_down_has_words_in_both_languages() -> None:
    texts = Texts([FOLDER / "texts"])
    found = dict(noted())
    assert {"outage_created", "outage_restored", "mass_call_off", "password_reset", "notice_asked"} <= set(found)
    assert {what: where for what, where in found.items() if not texts.known(f"audit.did_{what}")} == {}
    noted_keys = texts.keys()
    words = {key.removeprefix("audit.did_") for key in noted_keys if key.startswith("audit.did_")}
    assert words - set(found) == set(), "words for what is never noted down"
