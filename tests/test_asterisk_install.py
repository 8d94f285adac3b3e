"""Which Asterisk is taken: the system's when new enough, else the cached one; one sentence when none can be had."""

import os
from pathlib import Path

import pytest

from ivr.asterisk.errors import InstallFailed
from ivr.asterisk.install import cache_folder, ensure_asterisk, private_asterisk, system_asterisk


def put_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def put_root(root: Path, version: str) -> None:
    """A private root whose loader only tells a version."""
    put_program(root / "usr/lib/x86_64-linux-gnu", "ld-linux-x86-64.so.2", f"echo Asterisk {version}")
    put_program(root / "usr/sbin", "asterisk", "")
    (root / "usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    (root / "usr/share/asterisk/documentation").mkdir(parents=True)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALO185_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found, besides the shell's."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


@pytest.mark.parametrize(
    ("said", "driver"),
    [("22.10.1+dfsg+~cs6.17.60671434-1", "ari"), ("22.5.0", "ari"), ("22.4.1", "agi"), ("20.6.0~dfsg", "agi"),
     ("certified/20.7-cert3", "agi"), ("16.28.0~dfsg-0+deb11u4", "agi")],
)  # fmt: skip
def test_the_version_decides_how_calls_are_handed_over(tmp_path: Path, said: str, driver: str) -> None:
    put_root(tmp_path, said)
    found = private_asterisk(tmp_path)
    assert found is not None
    assert found.driver == driver


@pytest.mark.parametrize("said", ["16.24.1", "13.38.3", "GIT-master", ""])
def test_an_asterisk_that_is_too_old_or_unknown_is_not_taken(tmp_path: Path, said: str) -> None:
    put_root(tmp_path, said)
    assert private_asterisk(tmp_path) is None


def test_the_cached_one_is_taken_without_asking_any_mirror(cache: Path, programs: Path) -> None:
    put_root(cache / "asterisk", "22.10.1")
    put_program(programs, "apt-get", "exit 1")
    assert ensure_asterisk("private").version == (22, 10, 1)


def test_a_system_asterisk_that_is_too_old_for_us_is_passed_over(cache: Path, programs: Path) -> None:
    put_root(cache / "asterisk", "22.10.1")
    put_program(programs, "asterisk", "echo Asterisk 13.1.0")
    assert system_asterisk() is None
    assert ensure_asterisk().version == (22, 10, 1)
    with pytest.raises(InstallFailed, match="use the private one"):
        ensure_asterisk("system")


def test_a_mirror_that_cannot_be_reached_is_one_sentence(cache: Path, programs: Path) -> None:
    put_program(programs, "apt-get", 'echo "E: Could not resolve the mirror" >&2; exit 100')
    with pytest.raises(InstallFailed, match=r"Could not resolve the mirror.*check the network"):
        ensure_asterisk("private")
    assert not (cache / "asterisk").exists()


def test_an_unpacking_that_was_cut_short_is_never_taken(cache: Path, programs: Path) -> None:
    put_root(cache / "asterisk.partial", "22.10.1")
    put_program(programs, "apt-get", "exit 1")
    with pytest.raises(InstallFailed):
        ensure_asterisk("private")


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ALO185_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "alo185"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path(os.environ["HOME"]) / ".cache" / "alo185"
