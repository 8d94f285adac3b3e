"""`./alo185 calls`: how callers were served."""

import asyncio
import json
from datetime import timedelta
from typing import Annotated

import typer

from calls.records import CallRecords, Containment
from ivr.clock import now
from ivr.settings import Settings
from storage.database import Database

app = typer.Typer(help="How callers were served.", no_args_is_help=True)


@app.callback()
def calls() -> None:
    """Keeps `report` a command of its own."""


@app.command()
def report(
    days: Annotated[float, typer.Option(min=0, max=3650, help="How far back to count.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Calls by how they ended, the share that needed no person, and how soon callers heard about their water."""
    told = asyncio.run(_count(Settings(), timedelta(days=days)))
    first = told.first_answer_seconds
    if as_json:
        counts = {outcome.value: count for outcome, count in told.outcomes.items()}
        share = round(told.contained, 4)
        typer.echo(json.dumps({"calls": told.calls, **counts, "contained": share, "first_answer_seconds": first}))
        return
    for outcome, count in told.outcomes.items():
        typer.echo(f"{outcome.value:<12} {count:>8}")
    typer.echo(f"{'all':<12} {told.calls:>8}\n{'contained':<12} {told.contained:>8.1%}")
    if first is not None:
        typer.echo(f"first answer {first:>7.1f} s")


async def _count(settings: Settings, span: timedelta) -> Containment:
    db = Database(settings.database)
    try:
        return await CallRecords(db, now).containment(now() - span)
    finally:
        await db.close()


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="calls")
