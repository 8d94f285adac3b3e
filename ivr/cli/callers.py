"""`./alo185 callers …`: what is kept about the people who call."""

import asyncio
import json
from typing import Annotated

import typer

from calls.records import CallRecords
from citizens.erasure import Erased
from citizens.whose import Citizen
from ivr.cli.database import who
from ivr.clock import now
from ivr.line import e164
from ivr.settings import Settings
from ivr.subscribing import citizen_parts
from people.audit import use_secret
from storage.database import Database
from storage.types import use_key
from subscribers.directory import Directory

callers = typer.Typer(no_args_is_help=True, help="What is kept about the people who call.")


@callers.callback()
def _family() -> None:
    """What is kept about the people who call."""


@callers.command()
def forget(
    number: Annotated[str, typer.Argument(help="Their number, like 05321234567.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forget a caller (KVKK): area, number, keys and texts of calls, recordings, notices, their words in tickets."""
    known = e164(number)
    if known is None:
        raise typer.BadParameter("This is no telephone number: write it like 05321234567 or +905321234567.")
    done = asyncio.run(_forget(Settings(), known))
    if as_json:
        told = {"remembered_area": done.remembered_areas > 0, "calls": done.calls, "tickets": done.tickets}
        typer.echo(json.dumps(told | {"calls_back": done.calls_to_them, "talks": done.talks, "notices": done.notices}))
        return
    typer.echo("The remembered area was removed." if done.remembered_areas else "No area was remembered.")
    typer.echo(f"{done.calls} calls and {done.talks} talks with agents no longer tell who called.")
    typer.echo(f"{done.calls_to_them} calls to them no longer tell who was called, and none that was planned is made.")
    typer.echo(f"{done.tickets} tickets no longer tell who reported; nobody is called back for those that are open.")
    typer.echo(f"{done.notices} entries were taken off the list of notices.")


async def _forget(settings: Settings, number: str) -> Erased:
    """As the console does it; their record as a subscriber, if they have one, stays (`subscribers erase`)."""
    use_key(settings.secret("database-key"))
    use_secret(settings.secret("audit"), settings.audit_anchor)
    secret = settings.secret("caller-hash")
    db = Database(settings.database)
    try:
        await db.check()
        records = CallRecords(db, now, secret=secret, spool=settings.state / "calls-waiting.jsonl")
        parts = citizen_parts(settings, db, now, Directory(db, now, secret), records)
        return await parts.eraser.erase(Citizen((number,)), who())
    finally:
        await db.close()


def register(app: typer.Typer) -> None:
    app.add_typer(callers, name="callers")
