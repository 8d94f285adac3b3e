"""`./alo185 keys …`: what programs may do through REST."""

import json
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.cli.database import reading, who, writing
from ivr.cli.times import moment
from ivr.clock import now
from ivr.settings import Settings
from people.apikeys import KeyService
from people.models import ApiKey
from people.roles import Scope

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
keys = typer.Typer(no_args_is_help=True, help="API keys: what programs may do through REST.")


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, such as scada; histories show it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be given several times.")],
    expires: Annotated[str | None, typer.Option(help='Last moment: "2027-12-31 23:59", local time.')] = None,
    as_json: Json = False,
) -> None:
    """A new key. It is printed this once."""
    settings = Settings()
    until = moment(expires, ZoneInfo(settings.timezone), now(), after=now()) if expires else None
    secret = writing(settings, lambda session: KeyService(session, now, who()).add(name, scope, until))
    if as_json:
        typer.echo(json.dumps({"name": name, "key": secret}, ensure_ascii=False))
    else:
        typer.echo(f"{secret}\nSend it as X-API-Key. It is not shown again.")


@keys.command("list")
def list_(as_json: Json = False) -> None:
    """All keys, also those that no longer work."""
    found = reading(Settings(), lambda session: KeyService(session, now, who()).everything())
    if as_json:
        typer.echo(json.dumps([_plain(key) for key in found], ensure_ascii=False))
        return
    for key in found:
        state = "REVOKED" if key.revoked else "EXPIRED" if key.expires and key.expires <= now() else ""
        used = f"{key.last_used:%Y-%m-%d %H:%M} UTC" if key.last_used else "never"
        typer.echo(f"{key.name:<24}  {','.join(key.scopes):<44}  last used {used}  {state}".rstrip())
    if not found:
        typer.echo("no keys")


@keys.command()
def revoke(name: Annotated[str, typer.Argument(help="The key's name, see `keys list`.")]) -> None:
    """It stops working at once."""
    writing(Settings(), lambda session: KeyService(session, now, who()).revoke(name))
    typer.echo(f"{name} no longer works.")


def _plain(key: ApiKey) -> dict[str, object]:
    def time(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "name": key.name,
        "scopes": key.scopes,
        "made_by": key.made_by,
        "created": time(key.created),
        "last_used": time(key.last_used),
        "expires": time(key.expires),
        "revoked": time(key.revoked),
    }


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")
