"""The process that serves calls stays for months: what it does not use has no place in its memory."""

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
    "weasyprint": "in the process that prints",
    "typer": "on the command line",
}


def test_the_service_carries_nothing_that_belongs_elsewhere() -> None:
    code = "import ivr.serving, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "ivr.switchroom" in loaded.stdout.split()
    assert not ELSEWHERE.keys() & set(loaded.stdout.split())


def test_the_command_that_serves_brings_no_other_command_along(tmp_path: Path) -> None:
    code = "import sys; sys.argv[1:] = ['serve']; import ivr.__main__"
    asked = {"PATH": "", "ALO185_STATE": str(tmp_path), "ALO185_PORT": "none"}
    refused = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], cwd=ROOT, env=asked, capture_output=True, text=True
    )
    assert "a setting cannot be used: ALO185_PORT" in refused.stderr
    assert "ivr.serving" in refused.stderr
    assert "ivr.cli" not in refused.stderr
