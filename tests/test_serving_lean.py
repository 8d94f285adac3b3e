"""The process that serves calls stays for months, and so does the one that keeps it up: they carry what they use."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = {
    "numpy": "in the speech workers and in Asterisk's trial",
    "av": "in the speech workers",
    "alembic": "where tables are migrated",
    "holidays": "at the first question for a holiday",
    "openpyxl": "at the first sheet",
    "joserfc": "where there is an identity provider",
    "weasyprint": "in the process that prints",
    "ivr.cli.call": "where a trial call is asked for",
}


NOT_TO_START = {
    "numpy": "in the speech workers and in Asterisk's trial",
    "httpx": "in the service",
    "fastapi": "in the service",
    "alembic": "where tables are migrated",
    "reports": "where reports are sent",
    "ivr.service": "in the service",
    "ivr.cli.call": "where a trial call is asked for",
}


def test_the_service_carries_nothing_that_belongs_elsewhere() -> None:
    loaded = loaded_for("serve")
    assert "ivr.cli.serve" in loaded
    assert not ELSEWHERE.keys() & loaded


def test_what_starts_the_service_does_not_load_it_once_more() -> None:
    loaded = loaded_for("run")
    assert "ivr.cli.run" in loaded
    assert not NOT_TO_START.keys() & loaded


def loaded_for(command: str) -> set[str]:
    """The modules of a process that was given this command."""
    code = f"import sys; from ivr.cli import Commands; Commands().get_command(None, '{command}'); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(told.stdout.split())
