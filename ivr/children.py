"""Child processes that do not outlive this one."""

import shutil


def with_parent() -> list[str]:
    """What to put before a command, so that the child is told to stop (SIGTERM) even when this process is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
