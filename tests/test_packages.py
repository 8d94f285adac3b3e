"""System packages are installed through apt; what cannot be installed is told in one sentence."""

from pathlib import Path

import pytest

from ivr.packages import PackagesMissing, install_packages


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a shell, `env` and a sudo that lets everybody; each test adds the apt-get that it wants."""
    for name in ("sh", "env", "mkdir"):
        (tmp_path / name).symlink_to(Path("/bin") / name)
    script(tmp_path / "sudo", '[ "$1" != -n ] || shift; exec "$@"')
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_packages_are_installed_after_what_must_come_before(programs: Path) -> None:
    script(programs / "apt-get", f'echo "$@" >>{programs}/done')
    install_packages("one", "two", before=f"echo first >{programs}/done")
    first, update, install = (programs / "done").read_text().splitlines()
    assert (first, update) == ("first", "-q update")
    assert install.endswith("install one two")


def test_another_source_that_cannot_be_refreshed_stops_nothing(programs: Path) -> None:
    script(programs / "apt-get", 'case "$*" in *update*) echo "E: no such host"; exit 100;; esac')
    install_packages("one")


def test_why_apt_failed_is_told_in_one_line(programs: Path) -> None:
    script(programs / "apt-get", 'echo "Reading package lists..."; echo "E: Unable to locate package one"; exit 100')
    with pytest.raises(PackagesMissing) as caught:
        install_packages("one")
    told = str(caught.value)
    assert "(E: Unable to locate package one)" in told
    assert "apt-get install one" in told
    assert "\n" not in told


def test_a_system_without_apt_is_told_what_is_missing(programs: Path) -> None:
    with pytest.raises(PackagesMissing, match="packages are missing: one, two"):
        install_packages("one", "two")
