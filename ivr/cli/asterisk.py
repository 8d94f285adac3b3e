"""`./alo185 asterisk`: install one, or render its configuration."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.asterisk.configure import configure, driver_of
from ivr.asterisk.errors import ConfigureFailed
from ivr.asterisk.install import Wanted, ensure_asterisk
from ivr.cli.progress import Steps
from ivr.settings import Settings

app = typer.Typer(help="Asterisk: install one of our own, render its configuration.", no_args_is_help=True)


@app.command("install")
def install(
    which: Annotated[Wanted, typer.Option(help="The system's Asterisk, or one of our own.")] = "auto",
) -> None:
    """Find an Asterisk that is new enough, or unpack one into the cache folder. Needs no root rights."""
    with Steps() as steps:
        found = ensure_asterisk(which, steps.share)
        steps.tell(f"Asterisk {'.'.join(map(str, found.version))} over {found.driver}: {' '.join(found.command)}")


@app.command("configure")
def render(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: the bundled Asterisk's own.")] = None,
    which: Annotated[Wanted, typer.Option(help="The Asterisk whose paths and version count.")] = "auto",
) -> None:
    """Write a complete Asterisk configuration with this installation's paths and secrets."""
    settings = Settings()
    if out is not None and out.resolve() == Path.cwd():
        raise ConfigureFailed("These files belong into a folder of their own: name one with --out.")
    with Steps() as steps:
        found = ensure_asterisk(which, steps.share)
        written = configure(settings, found, out)
        steps.tell(f"configuration for {driver_of(settings, found)} written to {written}; docs/integrators.md goes on.")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="asterisk")
