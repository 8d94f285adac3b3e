"""`./alo185 people …`: who may sign in to the console."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, TypeVar

import typer

from ivr.cli.database import reading, who, writing
from ivr.clock import now
from ivr.settings import Settings
from people import passwords
from people.models import User
from people.roles import Duty, Role
from people.secrets import one_time_password
from people.service import PeopleService

T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="Their log-in name, see `people list`.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
people = typer.Typer(no_args_is_help=True, help="Who may sign in to the console, and what they may do.")


@people.command()
def add(
    name: Annotated[str, typer.Argument(help="What they sign in with, such as ayse.kaya: no Turkish letters.")],
    full_name: Annotated[str, typer.Option(help="Their name as others see it.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.viewer,
    language: Annotated[Literal["tr", "en"], typer.Option(help="Of their pages.")] = "tr",
    duty: Annotated[list[Duty], typer.Option(help="Beside the role; may be given twice.")] = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Somebody new. Prints the password for their first sign-in, which has to be changed then."""
    password, kept = _fresh()

    async def work(service: PeopleService) -> User:
        return await service.create_user(name, full_name, role, language=language, password_hash=kept, duties=duty)

    _tell_password(_write(work).name, password, as_json)


@people.command()
def duties(
    name: str,
    duty: Annotated[list[Duty], typer.Option(help="All that they have from now on; none takes all away.")] = [],  # noqa: B006
) -> None:
    """Let somebody take calls (desk) or look after those who do (supervisor); no role brings that."""

    async def work(service: PeopleService) -> User:
        return await service.give_duties((await service.named(name)).id, duty)

    user = _write(work)
    held = [each for each in Duty if getattr(user, each)]
    typer.echo(f"{user.name}: {', '.join(held) or 'no duty'}")


@people.command("list")
def list_(as_json: Json = False) -> None:
    """Everybody, also who may no longer sign in."""
    found = reading(Settings(), lambda session: PeopleService(session, now, who()).everybody())
    if as_json:
        typer.echo(json.dumps([_plain(user) for user in found], ensure_ascii=False))
        return
    for user in found:
        last = f"{user.last_login:%Y-%m-%d %H:%M} UTC" if user.last_login else "never"
        marks = "" if user.active else "  DEACTIVATED"
        typer.echo(f"{user.name:<24}  {user.role:<13}  {user.full_name:<28}  last sign-in {last}{marks}")
    if not found:
        typer.echo("nobody yet; ./alo185 run makes the first administrator")


@people.command("role")
def role_(name: Name, role: Annotated[Role, typer.Argument(help="What they may do from now on.")]) -> None:
    """Another role. They have to sign in again."""

    async def work(service: PeopleService) -> User:
        return await service.change((await service.named(name)).id, role=role)

    typer.echo(f"{_write(work).name} is {role} now.")


@people.command("reset-password")
def reset_password(name: Name, as_json: Json = False) -> None:
    """A new one-time password; their old one and all their sessions end."""
    password, kept = _fresh()

    async def work(service: PeopleService) -> User:
        user = await service.named(name)
        await service.set_password(user.id, kept, must_change=True)
        return user

    _tell_password(_write(work).name, password, as_json)


@people.command()
def deactivate(name: Name) -> None:
    """They are signed out and can no longer sign in."""

    async def work(service: PeopleService) -> User:
        user = await service.named(name)
        await service.deactivate(user.id)
        return user

    typer.echo(f"{_write(work).name} can no longer sign in.")


@people.command()
def activate(name: Name) -> None:
    """They may sign in again, as they could before."""

    async def work(service: PeopleService) -> User:
        user = await service.named(name)
        await service.activate(user.id)
        return user

    typer.echo(f"{_write(work).name} may sign in.")


@people.command("sign-out")
def sign_out(name: Name) -> None:
    """End all sessions of somebody, for example after a computer was lost."""

    async def work(service: PeopleService) -> int:
        return await service.end_sessions((await service.named(name)).id)

    typer.echo(f"{_write(work)} sessions ended")


def _write(work: Callable[[PeopleService], Awaitable[T]]) -> T:
    return writing(Settings(), lambda session: work(PeopleService(session, now, who())))


def _fresh() -> tuple[str, str]:
    """A one-time password, and how it is kept."""
    password = one_time_password()
    return password, asyncio.run(passwords.kept(password))


def _tell_password(name: str, password: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"name": name, "one_time_password": password}))
    else:
        typer.echo(f"{name} signs in with {password} once, then chooses a password. It is not shown again.")


def _plain(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "full_name": user.full_name,
        "role": user.role,
        "language": user.language,
        "active": user.active,
        "created": user.created.isoformat(),
        "last_login": user.last_login.isoformat() if user.last_login else None,
    }


def register(app: typer.Typer) -> None:
    app.add_typer(people, name="people")
