"""`./alo185 outages …`: straight into the database; callers of a running service hear it within a second."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from ivr.cli.database import who, with_database
from ivr.cli.times import moment
from ivr.settings import Settings
from outages import repository
from outages.areas import named
from outages.demo import remove_demo
from outages.importer import import_outages
from outages.life import PUBLIC, Cause, Crew, OutageFacts
from outages.models import Outage
from outages.rows import read_outages, read_place_ids
from outages.schemas import MOST_ID, ImportOut, OutageOut, outage_out
from outages.service import OutageService
from storage.database import Database

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The outage's number, see `outages list`.")]
When = Annotated[str | None, typer.Option(help='"17:00" (today) or "2026-11-25 09:00", local time.')]
outages = typer.Typer(no_args_is_help=True, help="Water that is, was or will be off.")
_EVERYTHING = TypeAdapter(list[OutageOut])


@outages.command()
def add(
    area: Annotated[list[str], typer.Argument(help='Where: "Gebze", "Gebze/Yeni Mahalle", "Gebze/Barış" …')],
    cause: Annotated[Cause, typer.Option(help="Why.")] = Cause.network_fault,
    start: When = None,
    until: Annotated[str | None, typer.Option(help="When the water is expected back; may stay unknown.")] = None,
    planned: Annotated[bool, typer.Option("--planned", help="Planned work; otherwise a fault.")] = False,
    streets: Annotated[str | None, typer.Option(help="Only these streets.")] = None,
    subscribers: Annotated[int | None, typer.Option(help="Affected subscribers.")] = None,
    crew: Annotated[Crew | None, typer.Option(help="How far the crew is.")] = None,
    tankers: Annotated[str | None, typer.Option(help="Where water tankers stand.")] = None,
    announcement: Annotated[str | None, typer.Option(help="Turkish text said after the facts.")] = None,
    english: Annotated[str | None, typer.Option(help="English text said after the facts.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it from callers for now.")] = False,
    as_json: Json = False,
) -> None:
    """Record an outage; it starts now unless told otherwise."""
    settings = Settings()
    starts = moment(start, _zone(settings), _now()) if start else _now()
    expected = moment(until, _zone(settings), starts, after=starts) if until else None

    async def work(service: OutageService) -> list[OutageOut]:
        areas = [await named(service.session, name) for name in area]
        facts = OutageFacts(
            kind="planned" if planned else "fault",
            cause=cause,
            areas={each.id: streets for each in areas},
            starts=starts,
            expected_end=expected,
            subscribers=subscribers,
            crew=crew,
            tanker_points=tankers,
            announcement_tr=announcement,
            announcement_en=english,
        )
        return await _shown(service.session, [await service.create(facts, draft=draft)])

    _print(_write(settings, work), settings, as_json)


@outages.command("list")
def list_(
    area: Annotated[str | None, typer.Option(help="Only those that reach this area.")] = None,
    when: Annotated[
        Literal["now", "next", "restored"] | None, typer.Option(help="Off now, in 72 hours, back within 6 hours.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also drafts, ended and cancelled ones.")] = False,
    as_json: Json = False,
) -> None:
    """Outages, the newest first; by default those that hold or are to come."""
    settings = Settings()
    lives = () if everything or when else PUBLIC

    async def read(session: AsyncSession) -> list[OutageOut]:
        place = await named(session, area) if area else None
        found = await repository.outages(session, now=_now(), when=when, lives=lives, area=place, limit=500)
        return await _shown(session, found)

    _print(_read(settings, read), settings, as_json)


@outages.command()
def end(number: Number, at: When = None, as_json: Json = False) -> None:
    """The water is back, now or since --at."""
    settings = Settings()
    since = moment(at, _zone(settings), _now()) if at else None

    async def work(service: OutageService) -> list[OutageOut]:
        return await _shown(service.session, [await service.end(number, since)])

    _print(_write(settings, work), settings, as_json)


@outages.command()
def cancel(number: Number, as_json: Json = False) -> None:
    """It does not take place, or never did."""

    async def work(service: OutageService) -> list[OutageOut]:
        return await _shown(service.session, [await service.cancel(number)])

    settings = Settings()
    _print(_write(settings, work), settings, as_json)


@outages.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or JSON.")],
    ids: Annotated[
        Path | None, typer.Option(help="Table of id, ilçe, mahalle: what the feed's own MahalleID mean.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring in all rows of a file, or none; the same file again changes nothing."""
    settings = Settings()
    rows = read_outages(file, place_ids=read_place_ids(ids) if ids else None, zone=_zone(settings))
    review = settings.review_planned
    report = with_database(settings, lambda db: import_outages(db, rows, actor=who(), now=_now, review_planned=review))
    if as_json:
        typer.echo(ImportOut.model_validate(report).model_dump_json())
    else:
        for error in report.errors:
            typer.echo(str(error), err=True)
        typer.echo(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged")
    if report.errors:
        typer.echo("Nothing was imported. Mend these rows and import the file again.", err=True)
        raise typer.Exit(1)


@outages.command("remove-demo")
def remove_demonstration() -> None:
    """Remove the demonstration outages that came with the first start."""

    async def work(service: OutageService) -> int:
        return await remove_demo(service.session)

    typer.echo(f"{_write(Settings(), work)} removed")


def _write(settings: Settings, work: Callable[[OutageService], Awaitable[T]]) -> T:
    async def run(db: Database) -> T:
        async with db.session() as session:
            done = await work(OutageService(session, _now, who(), review_planned=settings.review_planned))
            await session.commit()
            return done

    return with_database(settings, run)


def _read(settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def run(db: Database) -> T:
        async with db.reading() as session:
            return await work(session)

    return with_database(settings, run)


async def _shown(session: AsyncSession, found: Sequence[Outage]) -> list[OutageOut]:
    areas = await repository.areas_of(session, found)
    return [outage_out(outage, areas, _now()) for outage in found]


def _print(found: list[OutageOut], settings: Settings, as_json: bool) -> None:
    if as_json:
        typer.echo(_EVERYTHING.dump_json(found).decode())
        return
    for outage in found:
        typer.echo(_line(outage, _zone(settings)))
    if not found:
        typer.echo("no outages")


def _line(outage: OutageOut, zone: ZoneInfo) -> str:
    where = ", ".join(f"{place.district}/{place.name}" if place.district else place.name for place in outage.areas[:4])
    more = f" and {len(outage.areas) - 4} more" if len(outage.areas) > 4 else ""
    end = outage.actual_end or outage.expected_end
    until = f"{end.astimezone(zone):%d.%m. %H:%M}" if end else "?"
    marks = "".join(f"  {mark}" for mark, shown in (("LATE", outage.late), ("DEMO", outage.source == "demo")) if shown)
    span = f"{outage.starts.astimezone(zone):%d.%m. %H:%M} – {until}"
    return f"{outage.id:>5}  {outage.life:<9}  {span:<29}  {outage.cause:<16}  {where}{more}{marks}"


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.timezone)


def _now() -> datetime:
    return datetime.now(UTC)


def register(app: typer.Typer) -> None:
    app.add_typer(outages, name="outages")
