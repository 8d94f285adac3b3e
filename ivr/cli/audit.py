"""`./alo185 audit …`: who did what, and whether anybody tampered with that."""

import json
from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from ivr.cli.database import reading
from ivr.settings import Settings
from people import audit as log
from people.models import AuditEntry

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
audit = typer.Typer(no_args_is_help=True, help="Who did what, and whether anybody tampered with that.")


@audit.command()
def verify(as_json: Json = False) -> None:
    """Was any entry changed, removed, put in or cut off? Then says which, and ends with status 1."""
    verdict = reading(Settings(), log.verify)
    if as_json:
        told = {"ok": verdict.ok, "entries": verdict.entries, "newest": verdict.digest, "since": verdict.since}
        typer.echo(json.dumps(told | {"problem": verdict.problem, "entry": verdict.entry}))
    elif verdict.problem:
        typer.echo(f"The audit log was tampered with. {verdict.problem}", err=True)
    else:
        typer.echo(f"{verdict.entries} entries, none tampered with; the newest digest is {verdict.digest}")
        if verdict.since and verdict.since > 1:
            typer.echo(f"This machine's anchor was begun at entry {verdict.since}.")
    if not verdict.ok:
        raise typer.Exit(1)


@audit.command("list")
def list_(
    who: Annotated[str | None, typer.Option(help="Only what this person or program did.")] = None,
    subject: Annotated[str | None, typer.Option(help='Only about this, such as "outage:12" or "user:ayse".')] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """What was done last, the newest first."""
    settings = Settings()

    async def read(session: AsyncSession) -> Sequence[AuditEntry]:
        return await log.entries(session, who=who, subject=subject, limit=limit)

    found = reading(settings, read)
    if as_json:
        typer.echo(json.dumps([_plain(entry) for entry in found], ensure_ascii=False))
        return
    for entry in found:
        at = entry.at.astimezone(ZoneInfo(settings.timezone))
        detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
        typer.echo(f"{entry.id:>6}  {at:%Y-%m-%d %H:%M:%S}  {entry.who:<20}  {entry.what} {entry.subject} {detail}")


def _plain(entry: AuditEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "what": entry.what,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def register(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")
