"""The command line: one file for each family of commands."""

import typer

from ivr.cli import areas, doctor, house, prompts

ABOUT = "The telephone line of a water utility: set up, run, call, publish outages."
app = typer.Typer(name="alo185", no_args_is_help=True, pretty_exceptions_enable=False, help=ABOUT)
for family in (areas, prompts, doctor, house):
    family.register(app)
