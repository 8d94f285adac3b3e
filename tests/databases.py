"""Databases for tests: every test that asks for `db` runs on SQLite and on a real PostgreSQL that is thrown away."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from cryptography.fernet import Fernet

from people.audit import use_secret
from storage import types
from storage.database import Database

T = TypeVar("T")
START_SECONDS = 30.0
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 1 << 30
"""Bytes that must be free there. A server with its databases takes some 100 MB."""
LEAN = (
    "fsync=off",
    "shared_buffers=16MB",
    "max_connections=50",
    "jit=off",
    "autovacuum=off",
    "min_wal_size=32MB",
    "max_wal_size=64MB",
)
"""Settings for a server that is thrown away, with a new database every fraction of a second."""
_numbers = count(1)


class Cluster:
    """A PostgreSQL server of our own on a socket in a short folder; nothing listens on the network."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _server_user()
        self.folder = Path(tempfile.mkdtemp(prefix="alo-pg-", dir=_short_folder()))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the cluster; `start` runs it."""
        options = ["-D", str(self._data), "-U", "alo185", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run([self._programs / "initdb", *options], user=self._user, capture_output=True, cwd="/")
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        options = ["-D", str(self._data), "-k", str(self.folder), "-c", "listen_addresses="]
        options += [word for setting in LEAN for word in ("-c", setting)]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._programs / "postgres", *options], user=self._user, stdout=log, stderr=log, cwd="/"
        )
        deadline = time.monotonic() + START_SECONDS
        while not in_own_loop(self._answers()):
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as when its machine fails; a later `start` recovers."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_SECONDS)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://alo185@/{name}?host={self.folder}"

    async def run(self, statement: str) -> None:
        connection = await asyncpg.connect(host=str(self.folder), user="alo185", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    async def _answers(self) -> bool:
        try:
            await self.run("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return False
        return True


def in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """The result, also from within a running event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _short_folder() -> Path:
    """Where a socket's path stays below its 107 characters, as it does not in pytest's own folders.

    In memory where there is enough: a database is some 700 files, and making and removing them is what takes longest.
    """
    in_memory = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    return MEMORY if in_memory else Path("/tmp")  # the folder that is made in it is ours alone


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _programs() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]), reverse=True)
    initdb = shutil.which("initdb")
    folders = [*packaged, Path(initdb).resolve().parent] if initdb else packaged
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def new_cluster() -> Cluster:
    """A started cluster; skips where there is no PostgreSQL server."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: install the package postgresql, or run ./alo185 test, which does")
    cluster = Cluster(programs)
    try:
        cluster.create()
        cluster.start()
    except BaseException:
        cluster.remove()
        raise
    return cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One server for all tests; each test has a database of its own in it."""
    cluster = new_cluster()
    in_own_loop(_prepare_template(cluster))
    yield cluster
    cluster.remove()


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that the test may stop and start."""
    cluster = new_cluster()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "alo185.db"
    in_own_loop(_migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A migrated database without rows."""
    if request.param == "sqlite":
        file = tmp_path / "alo185.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    await cluster.run(f"CREATE DATABASE {name} TEMPLATE migrated")
    yield cluster.url(name)
    await cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def key() -> Iterator[None]:
    """A key of the test's own to what is stored sealed."""
    before = types._seal
    types.use_key(Fernet.generate_key().decode())
    yield
    types._seal = before


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A migrated database without rows, on each kind of server."""
    use_secret("the audit log's key in tests", None)
    database = Database(database_url)
    yield database
    await database.close()


async def _prepare_template(cluster: Cluster) -> None:
    await cluster.run("CREATE DATABASE migrated")
    await _migrate(cluster.url("migrated"))


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()
