"""The service alone: `./alo185 run` keeps it up, or a process manager of yours does."""

import typer

from ivr.app import create_app
from ivr.logs import configure_logging
from ivr.serving import serve as serving
from ivr.settings import Settings


def serve() -> None:
    """The service alone, as `run` or a process manager of yours starts it."""
    settings = Settings()
    configure_logging(settings.log_level)
    serving(create_app(settings), settings)


def register(app: typer.Typer) -> None:
    app.command(hidden=True)(serve)
