"""System packages that only some commands need, installed through apt when they are missing."""

import os
import shutil
import subprocess
import sys

LOCK_PATIENCE = 120
"""Seconds to wait while the system itself is installing updates."""
_OPTIONS = f"-o DPkg::Lock::Timeout={LOCK_PATIENCE} -o Dpkg::Options::=--force-confold --no-install-recommends"


class PackagesMissing(Exception):
    code = "packages_missing"


def install_packages(*names: str, before: str = ":") -> None:
    """Install packages as root or through sudo, after the shell command `before`. Raises PackagesMissing."""
    by_hand = f"install them as root (apt-get install {' '.join(names)}), then run this again."
    root = os.getuid() == 0
    if not shutil.which("apt-get") or not (root or shutil.which("sudo")):
        raise PackagesMissing(f"these packages are missing: {', '.join(names)}; {by_hand}")
    # without a terminal nobody can type a password
    sudo = [] if root else ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    script = f'{before}; apt-get -q update; apt-get -qy {_OPTIONS} install "$@"'
    done = subprocess.run(  # noqa: S603
        [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "sh", "-c", script, "sh", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise PackagesMissing(f"{', '.join(names)} could not be installed ({_reason(done.stdout)}): {by_hand}")


def _reason(said: str) -> str:
    """The line that tells what went wrong, out of all that apt said."""
    lines = said.splitlines()
    telling = [line for line in lines if line.startswith(("E:", "W: Failed", "sudo:"))]
    return (telling or lines[-1:] or ["no reason given"])[0]
