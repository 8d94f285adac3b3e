"""`./alo185 reports …`: the figures of a day, week or month, in the terminal or as a file."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ivr.cli.database import reading
from ivr.reporting import printed, report_pages
from ivr.settings import Settings
from prompts.catalogue import load_catalogue
from reports.figures import Report, Scope
from reports.making import make as made_of
from reports.paper import html_of
from reports.period import Length, parsed
from reports.schemas import report_out
from reports.sheets import as_csv, as_xlsx
from reports.words import Words
from tickets.unit_models import Unit
from web.pages import Pages

reports = typer.Typer(no_args_is_help=True, help="Figures of a day, a week or a month.")


class Format(StrEnum):
    text = "text"
    pdf = "pdf"
    xlsx = "xlsx"
    csv = "csv"


@reports.command()
def make(
    period: Annotated[Length, typer.Option(help="How long; weeks begin on Monday.")] = Length.day,
    date: Annotated[str, typer.Option(help="A day in it, or 2026-10; else the last one that is over.")] = "",
    unit: Annotated[str | None, typer.Option(help="Name or number of a unit; else the whole house.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to make.")] = Format.text,
    out: Annotated[Path | None, typer.Option(help="The file to write; needed for pdf and xlsx.")] = None,
    language: Annotated[Literal["tr", "en"], typer.Option(help="What it is written in.")] = "tr",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, whatever the format.")] = False,
) -> None:
    """Count anew from what happened, and show or write it. PDF installs what it needs of the system, once."""
    if format_ in (Format.pdf, Format.xlsx) and out is None and not as_json:
        raise typer.BadParameter("give --out FILE for it", param_hint="--format")
    settings = Settings()
    zone = ZoneInfo(settings.timezone)
    of = parsed(period, date, zone, _now())

    async def count(session: AsyncSession) -> Report:
        return await made_of(session, Scope(of, await _unit(session, unit) if unit else None), _now())

    report = reading(settings, count)
    if as_json:
        typer.echo(report_out(report).model_dump_json())
        return
    pages = report_pages(settings)
    words = Words(pages.texts, language, load_catalogue(settings.catalogue_override))
    content = _content(report, words, pages, format_, settings.public_url or "")
    if out:
        out.write_bytes(content)
        typer.echo(f"{out}: {len(content)} bytes")
    else:
        typer.echo(content.decode(), nl=False)


@reports.command()
def prepare() -> None:
    """Install what PDF needs of the system: Pango and a font. Does nothing where it is there."""
    asyncio.run(printed("<p>Alo 185</p>"))
    typer.echo("PDF can be made.")


def _content(report: Report, words: Words, pages: Pages, format_: Format, base: str) -> bytes:
    match format_:
        case Format.pdf:
            return asyncio.run(printed(html_of(report, words, pages, _now(), base)))
        case Format.xlsx:
            return as_xlsx(report, words)
        case Format.csv:
            return as_csv(report, words)
        case Format.text:
            return _text(report, words).encode()


def _text(report: Report, words: Words) -> str:
    period = report.scope.period
    lines = [f"{words.say(period.length)} · {words.period(period)} · {words.whose(report)}"]
    for table in report.tables:
        if not table.lines:
            continue
        heads = "".join(f"{words.column(column):>16}" for column in table.columns)
        lines += ["", f"{words.title(table):<48}{heads}"]
        for line in table.lines:
            cells = "".join(f"{words.value(cell):>16}" for cell in line.cells)
            lines.append(f"  {words.line(table, line)[:46]:<46}{cells}")
    return "\n".join(lines) + "\n"


async def _unit(session: AsyncSession, typed: str) -> int:
    units = (await session.execute(select(Unit.id, Unit.name).order_by(Unit.name))).all()
    for unit_id, name in units:
        if typed.strip() in (str(unit_id), name):
            return int(unit_id)
    known = ", ".join(f"{name} ({unit_id})" for unit_id, name in units) or "there are none"
    raise typer.BadParameter(f"there is no unit {typed!r}: {known}", param_hint="--unit")


def _now() -> datetime:
    return datetime.now(UTC)


def register(app: typer.Typer) -> None:
    app.add_typer(reports, name="reports")
