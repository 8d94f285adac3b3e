"""The command line: one file for each family of commands."""

import typer

from ivr.cli import house

app = typer.Typer(name="alo185", no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
house.register(app)
