"""Commands for the people who work on Alo 185: check and test."""

import asyncio
import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import typer

from ivr.asterisk.baresip import ensure_softphone
from ivr.asterisk.errors import AsteriskError
from ivr.asterisk.install import ensure_asterisk
from ivr.cli.progress import Steps
from ivr.packages import PackagesMissing, install_packages
from ivr.reporting import printed
from web import vendor

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("layers", ["lint-imports", "--no-cache"]),
)

SIDE_BY_SIDE = ("--numprocesses", "8", "--dist", "loadfile")
"""More than cores, since real calls mostly wait. `-n 0` among the arguments runs the tests one after another."""

NOT_FOR_TESTS = ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE")
"""The tests give their children's Python paths of their own, and start hundreds of them: each would compile anew."""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first draws nothing for a screen that is not there, and takes half the time; not every system has it."""
FONTS = "fonts-noto-core"


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
    """Everything that the tests need (Asterisk, softphone, PostgreSQL, browser), then all; arguments go to pytest."""
    with Steps() as steps:
        for what, ensure in (
            ("an Asterisk", lambda: ensure_asterisk(progress=steps.share)),
            ("a softphone", ensure_softphone),
            ("a PostgreSQL server", _ensure_postgresql),
            ("the pages' libraries", vendor.build),
            ("a browser", _ensure_chromium),
            ("what PDF reports need", lambda: asyncio.run(printed("<p>Alo 185</p>"))),
        ):
            steps.now(f"making sure of {what}")
            try:
                ensure()
            except (AsteriskError, PackagesMissing, vendor.VendorUnavailable) as error:
                typer.echo(f"alo185: {error} The tests that need it cannot pass without.", err=True)
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_TESTS}
    pytest = [sys.executable, "-m", "pytest", *SIDE_BY_SIDE, *context.args]
    raise typer.Exit(subprocess.run(pytest, cwd=ROOT, env=environment).returncode)  # noqa: S603


def _ensure_postgresql() -> None:
    """The server's programs, without a cluster of the system's: the tests make their own and throw it away."""
    if shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return
    none = "/etc/postgresql-common/createcluster.conf"
    install_packages(
        "postgresql",
        before=f"[ -e {none} ] || {{ mkdir -p {Path(none).parent}; echo create_main_cluster = false >{none}; }}",
    )


def _ensure_chromium() -> None:
    """The system's own browser, letters for pages that name places, and what Playwright's driver is linked to."""
    if find_library("atomic") is None:
        install_packages("libatomic1")
    if any(map(shutil.which, BROWSERS)):
        return
    try:
        install_packages(BROWSERS[0], FONTS)
    except PackagesMissing:
        install_packages(BROWSERS[1], FONTS)


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test)
