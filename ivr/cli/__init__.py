"""The command line: one file for each family of commands."""

import typer

from ivr.cli import (
    areas,
    asterisk,
    audit,
    call,
    callers,
    calls,
    doctor,
    house,
    keys,
    outages,
    people,
    play,
    prompts,
    reports,
    run,
    subscribers,
)

ABOUT = "The telephone line of a water utility: set up, run, call, publish outages."
app = typer.Typer(
    name="alo185", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=ABOUT
)
for family in (
    run,
    call,
    play,
    outages,
    calls,
    callers,
    areas,
    people,
    subscribers,
    keys,
    audit,
    reports,
    prompts,
    asterisk,
    doctor,
    house,
):
    family.register(app)
