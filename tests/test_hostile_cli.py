"""The command line in clumsy hands: one sentence that says what to do, the right exit code, nothing lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import StorageError
from tests.ready_commands import Commands

Alo185 = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[1]


def given(state: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(state), "ALO185_STATE": str(state)}


@pytest.fixture(scope="module")
def alo185() -> Iterator[Alo185]:
    commands = Commands()
    yield lambda state, *words, **environment: commands.run(list(words), given(state) | environment)
    commands.close()


def told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode == code, said
    for word in words:
        assert word in said, said


@pytest.fixture(scope="module")
def gebze(alo185: Alo185, tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("gebze")
    listed = state / "areas.csv"
    listed.write_text("ilçe;mahalle\nGebze;Barış\n", encoding="utf-8")
    told(alo185(state, "areas", "import", str(listed)), 0)
    return state


@pytest.fixture
def prepared(gebze: Path, tmp_path: Path) -> Path:
    """A state folder whose database holds Gebze."""
    return shutil.copytree(gebze, tmp_path, dirs_exist_ok=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALO185_RTP_PORTS", "18000-18999"),
        ("ALO185_RTP_PORTS", "[19000, 18000]"),
        ("ALO185_PORT", "99999"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(alo185: Alo185, tmp_path: Path, name: str, value: str) -> None:
    told(alo185(tmp_path, "outages", "list", **{name: value}), 1, name)


@pytest.mark.parametrize("port", ["99999", "abc"])
def test_a_database_address_with_a_bad_port_is_told_without_its_password(port: str) -> None:
    with pytest.raises(StorageError, match="ALO185_DATABASE_URL") as refused:
        Database(f"postgresql://a:hidden@127.0.0.1:{port}/x")
    assert "hidden" not in str(refused.value)


def test_the_doctor_looks_on_when_the_database_address_is_nonsense(alo185: Alo185, tmp_path: Path) -> None:
    told(alo185(tmp_path, "doctor", ALO185_DATABASE_URL="nonsense"), 1, "mend ALO185_DATABASE_URL", "clock")


def test_the_doctor_looks_on_when_a_file_stands_where_a_folder_should(alo185: Alo185, tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("x")
    told(alo185(tmp_path, "doctor"), 1, "secrets", "clock")


def test_a_database_of_a_newer_version_is_left_alone(alo185: Alo185, prepared: Path) -> None:
    database = sqlite3.connect(prepared / "alo185.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    told(alo185(prepared, "outages", "add", "Gebze"), 1, "newer version")
    told(alo185(prepared, "doctor"), 1, "newer version")
    assert database.execute("SELECT count(*) FROM outages").fetchone() == (0,)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00garbage"])
def test_a_damaged_secret_is_told_and_never_used(alo185: Alo185, prepared: Path, content: bytes) -> None:
    (prepared / "secrets").mkdir(exist_ok=True)
    (prepared / "secrets" / "database-key").write_bytes(content)
    told(alo185(prepared, "play", "--keys", "0"), 1, "database-key", "backup")


def test_an_outage_in_another_age_is_a_slip(alo185: Alo185, prepared: Path) -> None:
    told(alo185(prepared, "outages", "add", "Gebze", "--start", "0001-01-01 00:00"), 1, "cannot be meant")


def test_an_outage_number_that_cannot_be_is_wrong_usage(alo185: Alo185, prepared: Path) -> None:
    told(alo185(prepared, "outages", "end", "9" * 30), 2, "number")


def test_what_is_no_file_is_not_waited_for(alo185: Alo185, prepared: Path) -> None:
    os.mkfifo(prepared / "pipe.csv")
    told(alo185(prepared, "outages", "import", str(prepared / "pipe.csv")), 1, "no file")


def test_a_feed_with_the_utilitys_own_numbers(alo185: Alo185, prepared: Path) -> None:
    feed, ids = prepared / "feed.json", prepared / "ids.csv"
    feed.write_text('[{"ArizaID": 7, "MahalleID": [4711], "Tip": "Ariza", "KesintiTarihi": "2026-11-25T11:00"}]')
    ids.write_text("id;ilçe;mahalle\n4711;Gebze;Barış\n", encoding="utf-8")
    told(alo185(prepared, "outages", "import", str(feed), "--ids", str(ids)), 0, "1 added")
    told(alo185(prepared, "outages", "list", "--all"), 0, "Gebze/Barış")


def test_the_configuration_is_not_strewn_over_the_working_folder(alo185: Alo185, tmp_path: Path) -> None:
    told(alo185(tmp_path, "asterisk", "configure", "--out", ""), 1, "--out")


def test_wrong_usage_is_one_unwrapped_sentence(tmp_path: Path) -> None:
    """A process of its own, as a shell starts it."""
    command = [sys.executable, "-m", "ivr", "outages", "add", "Gebze", "--cause", "network_failure"]
    done = subprocess.run(command, cwd=ROOT, env=given(tmp_path), capture_output=True, encoding="utf-8", timeout=60)
    told(done, 2, "network_failure")
    assert "│" not in done.stderr


def test_whoever_reads_only_the_beginning_is_not_shown_a_traceback(prepared: Path) -> None:
    command = f"{sys.executable} -m ivr areas list --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=given(prepared), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""


def test_the_doctor_says_that_the_state_is_no_folder(alo185: Alo185, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    told(alo185(file, "doctor"), 1, "cannot be written to", "ALO185_STATE")
