"""Commands for the people who work on Alo 185: check and test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import typer

from ivr.asterisk.baresip import ensure_softphone
from ivr.asterisk.errors import AsteriskError
from ivr.asterisk.install import ensure_asterisk
from ivr.cli.progress import Steps

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("layers", ["lint-imports", "--no-cache"]),
)


def check() -> None:
    """Format, lint, strict types, import layers."""
    scripts = Path(sys.executable).parent
    failed = []
    for name, command in CHECKS:
        typer.echo(f"== {name}: {' '.join(command)}")
        if subprocess.run([str(scripts / command[0]), *command[1:]], cwd=ROOT).returncode:  # noqa: S603
            failed.append(name)
    if failed:
        typer.echo(f"check failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)
    typer.echo("check passed")


def test(context: typer.Context) -> None:
    """Everything that the tests need (Asterisk, a softphone, PostgreSQL), then all of them; arguments go to pytest."""
    with Steps() as steps:
        try:
            ensure_asterisk(progress=steps.share)
            steps.now("making sure of a softphone")
            ensure_softphone()
        except AsteriskError as error:
            typer.echo(f"{error} The tests with real calls will fail without it.", err=True)
        steps.now("making sure of a PostgreSQL server")
        _ensure_postgresql()
    raise typer.Exit(subprocess.run([sys.executable, "-m", "pytest", *context.args], cwd=ROOT).returncode)  # noqa: S603


def _ensure_postgresql() -> None:
    """The server's programs, without a cluster of the system's: the tests make their own and throw it away."""
    if shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return
    sudo = [] if os.getuid() == 0 else ["sudo", "-n"]
    script = (
        "apt-get -qq update && mkdir -p /etc/postgresql-common"
        " && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf"
        " && DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Options::=--force-confold"
        " install -y --no-install-recommends postgresql"
    )
    done = subprocess.run([*sudo, "sh", "-c", script], capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        typer.echo("PostgreSQL could not be installed; its tests will say that they were skipped.", err=True)


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test)
