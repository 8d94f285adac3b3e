"""`./alo185 subscribers …`: lists in, and what the law gives a person: all that is held, or none of it."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO
from zoneinfo import ZoneInfo

import typer

from citizens import export as held
from citizens.whose import Citizen, whose
from ivr.cli.database import who
from ivr.cli.progress import Steps
from ivr.clock import now
from ivr.service import Service
from ivr.settings import Settings
from outages.tables import Record
from outages.values import guarded
from subscribers.database_source import OtherDatabase
from subscribers.errors import SubscriberError
from subscribers.files import digest_of, read_file, rows_of
from subscribers.importer import Importer, ImportReport, Origin, reader_of
from subscribers.plan import PlannedRow
from subscribers.service import Subscribers

PASSWORD = "subscriber-database-password"  # noqa: S105 - the name of a file
TOLD_EVERY = 1_000
TOLD_ALOUD = 10_000
"""Rows; the second where it is not known how many will come."""
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Who = Annotated[str, typer.Argument(help="A subscriber's number, or a telephone such as 05321234567.")]
subscribers = typer.Typer(no_args_is_help=True, help="Who the utility's subscribers are.")


@subscribers.command("import")
def import_(
    file: Annotated[Path | None, typer.Argument(help="CSV of any length, or XLSX up to 100,000 rows.")] = None,
    from_database: Annotated[
        str | None, typer.Option(help="Address of the utility's database: postgresql://reader@host/name. Only read.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; save nothing.")] = False,
    rows: Annotated[Path | None, typer.Option(help="Write what becomes of every row into this CSV file.")] = None,
    as_json: Json = False,
) -> None:
    """Take subscribers in. Bad rows are left out and told; broken off, the same command goes on where it was."""
    settings = Settings()
    if (file is None) == (from_database is None):
        raise typer.BadParameter("Give either a file or --from-database.")
    with Steps() as steps:
        report = asyncio.run(_import(settings, file, from_database, dry_run, rows, steps))
    if as_json:
        typer.echo(json.dumps(_plain(report) | {"saved": not dry_run}, ensure_ascii=False))
    else:
        _tell(report, dry_run)
    if report.bad:
        raise typer.Exit(1)


@subscribers.command()
def export(
    person: Who,
    to: Annotated[Path, typer.Option(help="File to write: .json, or .zip with tables and recordings.")],
) -> None:
    """Everything that is held about a person (KVKK): record, consents, calls, tickets, recordings, who looked."""
    if to.suffix not in (".json", ".zip"):
        raise typer.BadParameter("The file must end in .json or .zip.", param_hint="--to")
    found, made = _with_service(lambda service: _give_out(service, person, zipped=to.suffix == ".zip"))
    to.touch(mode=0o600)
    to.write_bytes(made)
    typer.echo(f"{to}: {sum(len(rows) for rows in found.values())} entries in {len(found)} sections")


@subscribers.command()
def erase(
    person: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say whom it would be.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a person in every room (KVKK). It cannot be undone; figures without a person stay."""
    if not yes:
        citizen = _with_service(lambda service: _person(service, person))
        of = "a subscriber" if citizen.subscriber else "a caller who is no subscriber"
        typer.echo(f"This is {of} with {len(citizen.phones)} telephones. Add --yes to erase everything for good.")
        raise typer.Exit(1)
    done = _with_service(lambda service: _erase(service, person))
    if as_json:
        typer.echo(json.dumps(done))
        return
    for name, count in done.items():
        typer.echo(f"{name.replace('_', ' '):<18} {count:>6} erased")


async def _import(
    settings: Settings, file: Path | None, url: str | None, dry_run: bool, rows: Path | None, steps: Steps
) -> ImportReport:
    database = OtherDatabase(url, settings.subscriber_query, settings.given_secret(PASSWORD)) if url else None
    service = Service(settings)
    try:
        await service.db.check()
        reader = await reader_of(service.db, settings.subscriber_check, ZoneInfo(settings.timezone))
        importer = Importer(service.db, reader, now, settings.secret("caller-hash"), who(), alone=True)
        with _Told(rows, steps, rows_of(file) if file else None) as told:
            if database:
                origin, records = Origin(database.digest, database.name, "database"), database.records()
            elif file:
                origin, records = Origin(digest_of(file), file.name, "file"), _each(file)
            else:
                raise SubscriberError("Give either a file or --from-database.")
            return await (importer.look(records, told) if dry_run else importer.run(records, origin, told))
    finally:
        await service.subscribing.directory.close()
        await service.db.close()


async def _each(file: Path) -> AsyncIterator[Record]:
    for record in read_file(file):
        yield record


class _Told:
    """Hears of every row: into a file, where one is wanted, and from time to time onto the screen."""

    def __init__(self, path: Path | None, steps: Steps, total: int | None) -> None:
        self._path, self._steps, self._total, self._count = path, steps, total, 0
        self._file: TextIO | None = None
        self._writer: Any = None

    def __enter__(self) -> "_Told":
        if self._path:
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            self._path.chmod(0o600)
            self._writer = csv.writer(self._file, delimiter=";")
            self._writer.writerow(["line", "number", "what", "changes", "why"])
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def __call__(self, row: PlannedRow) -> None:
        self._count += 1
        if self._total and self._count % TOLD_EVERY == 0:
            self._steps.count("taking the list in", min(self._count, self._total), self._total)
        elif not self._total and self._count % TOLD_ALOUD == 0:
            self._steps.now(f"{self._count:,} rows")
        if self._writer:
            changes = " ".join(row.differences) if row.what == "changed" else ""
            why = "; ".join(map(str, row.errors))
            self._writer.writerow([row.line, row.number, row.what, changes, guarded(why)])


def _tell(report: ImportReport, dry_run: bool) -> None:
    for error in report.errors:
        typer.echo(f"line {error.line}{f', {error.column}' if error.column else ''}: {error.reason}", err=True)
    if report.bad > len(report.errors):
        typer.echo(f"… and {report.bad - len(report.errors)} more; --rows FILE lists all", err=True)
    if report.resumed_from:
        typer.echo(f"went on after row {report.resumed_from}, where an earlier import had come to")
    for what in ("new", "changed", "same", "bad"):
        typer.echo(f"{what:<8} {getattr(report, what):>9}")
    if dry_run:
        typer.echo("nothing was saved")


def _plain(report: ImportReport) -> dict[str, Any]:
    return asdict(report) | {"rows": report.rows}


def _with_service(work: Callable[[Service], Any]) -> Any:
    async def run() -> Any:
        service = Service(Settings())
        try:
            await service.db.check()
            return await work(service)
        finally:
            await service.subscribing.directory.close()
            await service.db.close()

    return asyncio.run(run())


async def _person(service: Service, written: str) -> Citizen:
    async with service.db.reading() as session:
        return await whose(Subscribers(session, now, service.citizens.secrets.callers), written)


async def _give_out(service: Service, written: str, *, zipped: bool) -> tuple[held.Held, bytes]:
    secrets = service.citizens.secrets
    async with service.db.session() as session:
        known = Subscribers(session, now, secrets.callers)
        citizen = await whose(known, written)
        found = await held.held(session, citizen, secrets, known)
        await held.note(session, now, who(), citizen.subject(secrets), found)
        made = held.as_zip(found, service.citizens.recordings) if zipped else held.as_json(found)
        await session.commit()
    return found, made


async def _erase(service: Service, written: str) -> dict[str, int]:
    return asdict(await service.citizens.eraser.erase(await _person(service, written), who()))


def register(app: typer.Typer) -> None:
    app.add_typer(subscribers, name="subscribers")
