"""A house of commands that start at once: `python -m tests.ready_commands`, told what to run line by line.

Each command is a process of its own with its own environment, output and exit status, forked from here, where all that
it imports lies ready: to import it takes ten times as long as most commands.
"""

import importlib
import json
import os
import runpy
import subprocess
import sys
import traceback
from tempfile import TemporaryFile
from typing import IO

from ivr.settable import ROOT

READY = ("areas", "outages", "doctor", "play", "asterisk")
BEHIND_COMMANDS = ("storage.migrate", "alembic.command", "aiosqlite", "sqlalchemy.dialects.sqlite", "rich.progress")


class Commands:
    """Orders to the house."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.ready_commands"]
        self._house = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        assert self._house.stdin
        assert self._house.stdout
        print(json.dumps([words, environment]), file=self._house.stdin, flush=True)
        status, out, err = json.loads(self._house.stdout.readline())
        return subprocess.CompletedProcess(words, status, out, err)

    def close(self) -> None:
        assert self._house.stdin
        self._house.stdin.close()
        self._house.wait(10)


def _run(words: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
    with TemporaryFile() as out, TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            _become(words, environment, out, err)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status, _told(out), _told(err)


def _become(words: list[str], environment: dict[str, str], out: IO[bytes], err: IO[bytes]) -> None:
    """What `python -m ivr` would be; does not return."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["ivr", *words]
        runpy.run_module("ivr", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  # it must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _told(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def main() -> None:
    for name in (*(f"ivr.cli.{family}" for family in READY), *BEHIND_COMMANDS):
        importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(_run(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
