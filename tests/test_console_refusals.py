"""Whatever is refused on a page is said in the operator's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from console.office import FOLDER
from web.texts import Texts

ROOT = Path(__file__).parents[1]
ROOMS = ("outages", "people", "outbox")
BY_PROGRAMS_ONLY = {
    "bad_revision", "no_key", "scope_missing", "no_audit_key", "bad_area_list", "register_unavailable", "unknown_city",
}  # fmt: skip
"""Refusals that only REST and the command line can meet."""
SAID_OTHERWISE = {"wait", "refused", "sign_in_refused", "unreadable_file", "unclear_time"}
"""With words of their own: the time to wait, the line of a file, what a time should look like."""


def refusals() -> Iterator[tuple[str, str]]:
    """Each code, with where it is refused, unless the Turkish sentence stands beside it."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                yield from ((code, f"{file.name}:{node.lineno}") for code in _codes(node))  # type: ignore[attr-defined]


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Error", "Refused")) and len(node.args) == 2:
        code = node.args[1]
        if isinstance(code, ast.Constant) and isinstance(code.value, str) and "turkish" not in _keywords(node):
            yield code.value
    if isinstance(node, ast.ClassDef):
        for statement in node.body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code":
                yield ast.literal_eval(statement.value)


def _keywords(node: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in node.keywords}


def test_every_refusal_that_a_page_can_meet_has_words_in_both_languages() -> None:
    texts = Texts([FOLDER / "texts"])
    found = dict(refusals())
    assert len(found) > 40
    missing = {
        code: where
        for code, where in found.items()
        if code and not texts.known(f"errors.{code}") and code not in BY_PROGRAMS_ONLY | SAID_OTHERWISE
    }
    assert missing == {}
