"""`./alo185 doctor`."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from ivr.doctor import examine
from ivr.settings import Settings


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False) -> None:
    """Check Asterisk, voices, database, ports, disk and clock, and say how to mend each."""
    findings = asyncio.run(examine(Settings()))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'MEND'} {finding.name:<10} {finding.found}")
            if not finding.ok:
                typer.echo(f"     {'':<10} → {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    app.command()(doctor)
