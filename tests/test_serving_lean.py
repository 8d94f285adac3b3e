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
    "ivr.cli.call": "where a trial call is asked for",
}


def test_the_service_carries_nothing_that_belongs_elsewhere() -> None:
    code = "import sys; from ivr.cli import Commands; Commands().get_command(None, 'serve'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "ivr.cli.serve" in loaded.stdout.split()
    assert not ELSEWHERE.keys() & set(loaded.stdout.split())
