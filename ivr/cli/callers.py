"""`./alo185 callers …`: what is kept about the people who call."""

import asyncio
import json
from typing import Annotated

import typer

from agents.keeping import Keeping
from calls.memory import CallerMemory
from calls.records import CallRecords
from dialling.forgetting import forget_number
from ivr.line import e164
from ivr.service import now
from ivr.settings import Settings
from notices.restoration import Restorations
from storage.database import Database
from storage.types import use_key
from tickets.privacy import Forgetting, pseudonym
from tickets.voices import Voices

callers = typer.Typer(no_args_is_help=True, help="What is kept about the people who call.")


@callers.callback()
def _family() -> None:
    """What is kept about the people who call."""


@callers.command()
def forget(
    number: Annotated[str, typer.Argument(help="Their number, like 05321234567.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forget a caller (KVKK): their area, number, keys and texts of their calls, and what is personal in tickets."""
    known = e164(number)
    if known is None:
        raise typer.BadParameter("This is no telephone number: write it like 05321234567 or +905321234567.")
    remembered, calls, tickets, back = asyncio.run(_forget(Settings(), known))
    if as_json:
        told = {"remembered_area": remembered, "calls": calls, "tickets": tickets, "calls_back": back}
        typer.echo(json.dumps(told))
        return
    typer.echo("The remembered area was removed." if remembered else "No area was remembered.")
    typer.echo(f"{calls} calls no longer tell who called.")
    typer.echo(f"{back} calls to them no longer tell who was called, and none that was planned is made.")
    typer.echo(f"{tickets} tickets no longer tell who reported; nobody is called back for those that are open.")


async def _forget(settings: Settings, number: str) -> tuple[bool, int, int, int]:
    use_key(settings.secret("database-key"))
    secret = settings.secret("caller-hash")
    db = Database(settings.database)
    try:
        await db.check()
        records = CallRecords(db, now, secret=secret, spool=settings.state / "calls-waiting.jsonl")
        tickets = Forgetting(db, now, Voices(settings.tickets))
        await tickets.know_callers(secret)
        await Keeping(db, now, settings.agent_calls).forget(pseudonym(number, secret))
        remembered = await CallerMemory(db, secret).forget(number)
        hashed = pseudonym(number, secret)
        async with db.session() as session:
            back = await forget_number(session, hashed, now())
            await Restorations(session, now).forget(hashed)
            await session.commit()
        return remembered, await records.forget(number), await tickets.forget(hashed), back
    finally:
        await db.close()


def register(app: typer.Typer) -> None:
    app.add_typer(callers, name="callers")
