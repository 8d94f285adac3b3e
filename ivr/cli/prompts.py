"""`./alo185 prompts …`: make what callers hear, check it, and print what a studio should record."""

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from ivr.cli.progress import Steps
from ivr.settings import Settings
from prompts.catalogue import load_catalogue
from prompts.engines import engine_for
from prompts.inspection import flaws
from prompts.library import PromptLibrary
from prompts.prompt import Language, Prompt
from prompts.recordings import Recordings

COLUMNS = ("key", "text", "file")

RecordingsOption = Annotated[
    Path | None, typer.Option(help="Folder of studio recordings; see `prompts script` for their names.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(no_args_is_help=True, help="What callers hear: render it, check it, print the recording script.")


@app.command()
def render(recordings: RecordingsOption = None, as_json: AsJson = False) -> None:
    """Render every phrase of the catalogue in all telephone formats, at the normal and at the slow pace."""
    settings = _settings(recordings)
    statics = load_catalogue(settings.catalogue_override).statics()
    prompts = statics + [prompt.slower() for prompt in statics]
    seconds = asyncio.run(_render(settings, prompts))
    if as_json:
        done = {"prompts": len(prompts), "seconds": round(seconds, 1), "folder": str(settings.prompts)}
        typer.echo(json.dumps(done, ensure_ascii=False))
    else:
        typer.echo(f"{len(prompts)} prompts, {seconds / 60:.0f} minutes of speech, are ready in {settings.prompts}.")


@app.command()
def check(recordings: RecordingsOption = None, as_json: AsJson = False) -> None:
    """Is every phrase there in every language, rendered and sound? Lists what is not, and then ends with status 1."""
    settings = _settings(recordings)
    found = asyncio.run(_check(settings))
    if as_json:
        typer.echo(json.dumps({"ok": not found, "problems": found}, ensure_ascii=False))
    elif found:
        typer.echo("\n".join(found))
    else:
        typer.echo("Every phrase is there, in every language and format.")
    if found:
        raise typer.Exit(1)


@app.command()
def script(
    language: Annotated[Language, typer.Option(help="Language to record.")] = "tr",
    form: Annotated[
        Literal["csv", "md"], typer.Option("--format", help="A table for a sheet, or to read from.")
    ] = "csv",
    as_json: AsJson = False,
) -> None:
    """The studio's recording script: each phrase that can be recorded, its text, and the file to save it in."""
    statics = load_catalogue(Settings().catalogue_override).statics()
    rows = [(p.key, p.text, f"{p.language}/{p.key}.wav") for p in statics if p.language == language]
    if as_json:
        typer.echo(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        typer.echo(_csv(rows) if form == "csv" else _markdown(rows), nl=False)


async def render_all(library: PromptLibrary, prompts: Sequence[Prompt], console: Console | None = None) -> None:
    """Render what is missing, with a bar."""
    with Steps(console) as steps:
        await library.prepare(prompts, lambda done, total: steps.count("rendering prompts", done, total))


async def _render(settings: Settings, prompts: Sequence[Prompt]) -> float:
    library = _library(settings)
    try:
        await render_all(library, prompts)
        for refused in library.refused:
            typer.echo(f"{refused} The speech engine says it instead.", err=True)
        return sum(library.seconds(prompt) for prompt in prompts)
    finally:
        await library.close()


async def _check(settings: Settings) -> list[str]:
    catalogue = load_catalogue(settings.catalogue_override)
    recordings = Recordings(settings.recordings)
    recordings.look()
    library = _library(settings)
    try:
        return catalogue.problems() + recordings.problems() + await flaws(library, catalogue.statics())
    finally:
        await library.close()


def _settings(recordings: Path | None) -> Settings:
    settings = Settings()
    return settings.model_copy(update={"recordings": recordings}) if recordings else settings


def _library(settings: Settings) -> PromptLibrary:
    engine = engine_for(settings.speech_engine, settings.piper_voice)
    return PromptLibrary(settings.prompts, engine, settings.recordings)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows([COLUMNS, *rows])
    return sheet.getvalue()


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |\n" for line in lines)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="prompts")
