"""The command line: one file for each family of commands, read only when one of its commands is given."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperGroup

from ivr.staying import staying

ABOUT = "The telephone line of a water utility: set up, run, call, publish outages."
FAMILIES = {
    "run": "run",
    "serve": "serve",
    "call": "call",
    "play": "play",
    "outages": "outages",
    "calls": "calls",
    "callers": "callers",
    "areas": "areas",
    "people": "people",
    "subscribers": "subscribers",
    "keys": "keys",
    "audit": "audit",
    "reports": "reports",
    "prompts": "prompts",
    "asterisk": "asterisk",
    "doctor": "doctor",
    "check": "house",
    "test": "house",
}
"""Modules by command: the service, too, is a command, and holds nothing of the others in memory."""
LOOK: dict[str, Any] = {"pretty_exceptions_enable": False, "rich_markup_mode": None}


class Commands(TyperGroup):
    # typer holds a click of its own, which has no public name
    def list_commands(self, ctx: Any) -> list[str]:
        return list(FAMILIES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in FAMILIES:
            return None
        family = typer.Typer(**LOOK)
        _read(f"ivr.cli.{FAMILIES[cmd_name]}").register(family)
        family.callback()(_nothing)  # a family of a single command is a group, too
        return typer.main.get_group(family).get_command(ctx, cmd_name)


def _read(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    with staying():
        return import_module(name)


def _nothing() -> None:
    """Nothing is to be done before a command."""


app = typer.Typer(name="alo185", cls=Commands, no_args_is_help=True, help=ABOUT, **LOOK)
app.callback()(_nothing)
