"""The command line as a whole: one file for each family, read when one of its commands is given."""

import importlib
import pkgutil

import typer
from typer.testing import CliRunner

import ivr.cli
from ivr.cli import FAMILIES, app


def test_help_tells_what_every_command_is_for() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in FAMILIES.keys() - {"serve"}:
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [command]]
        assert len(line.split()) > 3


def test_every_family_can_be_reached_by_its_commands() -> None:
    families = {module.name for module in pkgutil.iter_modules(ivr.cli.__path__)}
    given = set()
    for name in families:
        register = getattr(importlib.import_module(f"ivr.cli.{name}"), "register", None)
        if register:
            family = typer.Typer()
            register(family)
            family.callback()(lambda: None)
            given |= {(command, name) for command in typer.main.get_group(family).commands}
    assert given == set(FAMILIES.items())


def test_an_unknown_command_is_named() -> None:
    told = CliRunner().invoke(app, ["outage"])
    assert told.exit_code == 2
    assert "No such command 'outage'" in told.output
