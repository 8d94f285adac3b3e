"""Child processes that do not outlive this one."""

import os
import shutil
from contextlib import suppress

SOONER = -10
"""Niceness of what carries sound."""


def with_parent() -> list[str]:
    """What to put before a command, so that the child is told to stop (SIGTERM) even when this process is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def goes_first(pid: int) -> None:
    """For what carries sound: words that come late are lost to whoever listens. Only root may prefer a process."""
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, SOONER)
