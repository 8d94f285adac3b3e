"""`./alo185 call`: a real SIP call through a real softphone to the running service."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callflows.clock import use_zone
from callflows.speech import prompts_for
from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.trial import Trial, heard_in, place_call
from ivr.clock import now
from ivr.saying import library_of, standing_prompts
from ivr.settings import Settings
from outages.snapshot import load_board
from prompts.catalogue import load_catalogue
from prompts.prompt import Prompt
from storage.database import Database


def call(
    caller: Annotated[str, typer.Option("--from", help="Number that the call comes from.")] = "05321234567",
    keys: Annotated[
        str, typer.Option(help='Keys, a space between entries: "1 496". Each waits for its question.')
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the transcript as JSON.")] = False,
) -> None:
    """Place one real call to 185 and print what was heard, and where its recording is."""
    if not re.fullmatch(r"[0-9*# ]*", keys):
        raise PhoneFailed(f"{keys!r} are no telephone keys: use 0 to 9, * and #, with a space between entries.")
    made = asyncio.run(trial(Settings(), caller, keys.split()))
    typer.echo(_json(made) if as_json else f"{made.transcript()}\n\nrecording: {made.recording}")


async def trial(settings: Settings, caller: str, entries: list[str]) -> Trial:
    """One call to the running service, told in words."""
    recording = await place_call(settings, caller, entries)
    return await asyncio.to_thread(heard_in, recording, await sayable(settings))


async def sayable(settings: Settings) -> Mapping[Path, Prompt]:
    """Every prompt that this installation may say now and that is rendered, by its file."""
    use_zone(settings.timezone)
    db, library = Database(settings.database), library_of(settings)
    catalogue = load_catalogue(settings.catalogue_override)
    try:
        async with db.reading() as session:
            board = await load_board(session, now())
        wanted = [*standing_prompts(board, catalogue), *prompts_for(board, now(), catalogue)]
        wanted += [prompt.slower() for prompt in wanted]
        await library.missing(wanted)
        found = {library.media(prompt): prompt for prompt in wanted}
    finally:
        await library.close()
        await db.close()
    return {media: prompt for media, prompt in found.items() if media}


def _json(made: Trial) -> str:
    lines = [asdict(line) for line in made.lines]
    return json.dumps({"recording": str(made.recording), "seconds": made.seconds, "heard": lines}, ensure_ascii=False)


def register(app: typer.Typer) -> None:
    app.command()(call)
