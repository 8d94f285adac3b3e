"""Commands for the people who work on Alo 185: check and test."""

import subprocess
import sys
from pathlib import Path

import typer

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
    """Run all tests; further arguments go to pytest."""
    raise typer.Exit(subprocess.run([sys.executable, "-m", "pytest", *context.args], cwd=ROOT).returncode)  # noqa: S603


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test)
