"""The service alone: `./alo185 run` keeps it up, or a process manager of yours does."""

import typer

from ivr.app import create_app
from ivr.logs import configure_logging
from ivr.serving import serve as serving
from ivr.settings import Settings
from ivr.staying import staying


def serve() -> None:
    """The service alone, as `run` or a process manager of yours starts it."""
    settings = Settings()
    configure_logging(settings.log_level)
    with staying():
        app = create_app(settings)
    serving(app, settings)


def register(app: typer.Typer) -> None:
    app.command(hidden=True)(serve)
