"""The script `./alo185` on machines that lack one thing or another: it sets up once, and fails in one sentence."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ivr.settable import ROOT

TOOLS = ("bash", "cat", "cut", "dirname", "env", "flock", "grep", "mkdir", "sh", "sha256sum", "tail")
PYTHON = """
case "$*" in
  -V) echo Python 3.11.9 ;;
  "-m venv"*) for folder; do :; done; rm -rf "$folder"; mkdir "$folder" "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  "-m pip"*) echo "Looking in indexes"; echo "ERROR: No matching distribution"; exit $(cat {pip}) ;;
  "-m ivr"*) echo "started with $* in $PWD" ;;
esac
"""


class Machine:
    """A machine with as few programs as a test wants, and a clone of the script."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.bin = folder / "clone", folder / "bin"
        self.clone.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "alo185", self.clone)
        (self.clone / "requirements.txt").write_text("one==1\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.add("rm", f'exec {shutil.which("rm")} "$@"')
        self.add("cp", f'exec {shutil.which("cp")} "$@"')
        self.add("id", "echo 1000")
        self.add("espeak-ng")
        self.pip_exits(0)
        self.add("python3", PYTHON.format(pip=folder / "pip"))
        self.folder = folder
        self.settings = {"ALO185_PYTHON": ""}  # as where the distribution has none

    def add(self, name: str, text: str = "") -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def pip_exits(self, status: int) -> None:
        (self.bin.parent / "pip").write_text(str(status))

    def alo185(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(self.clone / "alo185"), *arguments]
        own = {"PATH": str(self.bin), **self.settings}
        return subprocess.run(command, env=own, cwd=cwd, capture_output=True, text=True, timeout=30)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_environment_is_made_once(machine: Machine) -> None:
    first, second = machine.alo185("run"), machine.alo185("run")
    assert "making the Python environment" in first.stderr
    assert first.stdout.startswith("started with -m ivr run")
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_a_change_of_what_is_required_is_installed(machine: Machine) -> None:
    machine.alo185("run")
    (machine.clone / "requirements.txt").write_text("one==2\n")
    assert "making the Python environment" in machine.alo185("run").stderr


def test_it_is_made_anew_after_the_folder_was_moved(machine: Machine) -> None:
    machine.alo185("run")
    machine.clone = machine.clone.rename(machine.folder / "moved")
    old = machine.clone / ".venv" / "old"
    old.touch()
    assert machine.alo185("run").returncode == 0
    assert not old.exists()


def test_what_a_link_leads_to_is_not_cleared(machine: Machine, tmp_path: Path) -> None:
    """As where a second folder of the same repository was lent the first one's environment."""
    others = tmp_path / "others"
    others.mkdir()
    (others / "kept").touch()
    (machine.clone / ".venv").symlink_to(others)
    refused = machine.alo185("run")
    assert refused.returncode == 1
    assert refused.stderr.endswith("remove the link, then run this again.\n")
    assert list(others.iterdir()) == [others / "kept"]


def test_files_are_named_from_where_the_user_stands(machine: Machine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = machine.alo185("outages", "import", "my file.csv", cwd=elsewhere)
    assert done.stdout == f"started with -m ivr outages import my file.csv in {elsewhere}\n"


def test_what_pip_could_not_do_is_one_sentence_and_tried_again(machine: Machine) -> None:
    machine.pip_exits(1)
    failed = machine.alo185("run")
    assert failed.returncode == 1
    assert "could not be installed (ERROR: No matching distribution): check the network" in failed.stderr
    assert len(failed.stderr.splitlines()) == 2
    machine.pip_exits(0)
    assert machine.alo185("run").returncode == 0


def test_without_root_or_sudo_the_missing_packages_are_named(machine: Machine) -> None:
    (machine.bin / "espeak-ng").unlink()
    machine.add("apt-get")
    failed = machine.alo185("run")
    assert failed.returncode == 1
    assert re.fullmatch(r"alo185: these packages are missing: espeak-ng .*Install them as root.*\n", failed.stderr)


def test_what_apt_could_not_do_is_one_sentence(machine: Machine) -> None:
    (machine.bin / "espeak-ng").unlink()
    machine.add("sudo", 'exec "$@"')
    machine.add("apt-get", "echo Reading; echo 'E: Unable to locate package espeak-ng'; exit 100")
    failed = machine.alo185("run")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].endswith(
        "could not be installed (E: Unable to locate package espeak-ng): check the network and the disk, "
        "or install them as root (apt-get install espeak-ng libespeak-ng1), then run this again."
    )


def test_a_python_that_is_too_old_is_told(machine: Machine) -> None:
    machine.add("python3", "exit 1")
    machine.add("sudo", 'exec "$@"')
    machine.add("apt-get")
    assert "Python 3.11 or newer is needed" in machine.alo185("run").stderr


def test_the_python_that_is_named_is_taken_and_no_other(machine: Machine) -> None:
    named = machine.bin / "another"
    machine.settings["ALO185_PYTHON"] = str(named)
    refused = machine.alo185("run")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"alo185: ALO185_PYTHON names {named}, which is no Python 3.11 or newer: name another, or leave it unset.\n"
    )
    (machine.bin / "python3").rename(named)
    assert machine.alo185("run").stdout.startswith("started with")


def test_no_package_is_asked_for_where_another_python_has_all(machine: Machine) -> None:
    shutil.copy(machine.bin / "python3", machine.bin / "python3.12")
    machine.add("python3", '[ "$2" != "import ensurepip" ]')
    assert machine.alo185("run").stdout.startswith("started with")


def test_no_required_package_asks_for_the_name_of_the_kernel() -> None:
    assert "platform_release" not in (ROOT / "requirements.txt").read_text()


def test_the_script_runs_as_it_is() -> None:
    assert os.access(ROOT / "alo185", os.X_OK)
