"""`./alo185 play`: the conversation in the terminal, without Asterisk."""

import asyncio
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import func, select

from callflows.clock import use_zone
from ivr.clock import now
from ivr.hotline_desk import HotlineDesk
from ivr.installation import install
from ivr.line import e164
from ivr.runner import run_call
from ivr.service import Service
from ivr.settings import Settings
from ivr.terminal import Keys, Loudspeaker, NoMessage, PlayCall, typed_keys, wav_seconds
from outages.board import Board
from outages.keeper import BoardKeeper
from outages.models import Area


class BadKeys(Exception):
    code = "bad_keys"


class BadNumber(Exception):
    code = "bad_number"


def play(
    caller: Annotated[str, typer.Option("--from", help="Number that seems to call; empty: withheld.")] = "",
    keys: Annotated[
        str | None, typer.Option(help='Keys in order, e.g. "1 432 1": - is silence, ! hangs up. Without: typed.')
    ] = None,
    sound: Annotated[bool, typer.Option("--sound", help="Play the prompts too (aplay or paplay).")] = False,
    message: Annotated[Path | None, typer.Option(help="WAV file that stands for a voice message.")] = None,
) -> None:
    """Hold the conversation here: prompts as text, keys typed. Enter is silence, Ctrl-D hangs up."""
    if keys is not None and not re.fullmatch(r"[0-9*#!\s-]*", keys):
        raise BadKeys(f"{keys!r} are no telephone keys: use 0 to 9, * and #, - for silence, ! to hang up.")
    number = e164(caller) if caller else None
    if caller and number is None:
        raise BadNumber(f"{caller} is no telephone number: write it like 05321234567 or +905321234567.")
    if message:
        if not message.exists():
            raise NoMessage(f"{message} does not exist; give a WAV file with --message.")
        wav_seconds(message)
    asyncio.run(_play(Settings(), number, keys, sound, message))


async def _play(settings: Settings, number: str | None, keys: str | None, sound: bool, message: Path | None) -> None:
    use_zone(settings.timezone)
    await _set_up(settings)
    service = Service(settings)
    keeper = BoardKeeper(service.db, now=now, prepare=_as_text, copy=settings.state / "board.json")
    try:
        voice = Loudspeaker(service.library) if sound else None
        await keeper.start()
        await service.subscribing.look()
        desk = HotlineDesk(
            service.catalogue, keeper, service.memory, service.tickets, service.rate, service.subscribing, now
        )
        with typed_keys() if keys is None else nullcontext(Keys("".join(keys.split()))) as pressed:
            call = PlayCall(number, pressed, settings.incoming, show=typer.echo, voice=voice, message=message)
            await run_call(call, desk, records=service.records, now=now)
        journal = call.journal
        typer.echo(
            f"outcome: {journal.outcome}" + (f", ticket {journal.ticket_number}" if journal.ticket_number else "")
        )
    finally:
        await keeper.stop()
        await service.stop()


async def _set_up(settings: Settings) -> None:
    """An installation that was never started gets its areas, demo outages and speech first."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    service = Service(settings)
    try:
        await service.db.migrate()
        async with service.db.reading() as session:
            areas = await session.scalar(select(func.count()).select_from(Area))
    finally:
        await service.db.close()
    if not areas:
        await install(settings, None, lambda doing: typer.echo(f"{doing} …", err=True), lambda *_: None)


async def _as_text(board: Board) -> None:
    """What is printed needs no rendering."""


def register(app: typer.Typer) -> None:
    app.command()(play)
