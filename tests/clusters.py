"""PostgreSQL servers that are thrown away, made by the tests that need one."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, TypeVar

import asyncpg
import pytest

T = TypeVar("T")
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 1 << 30
"""Bytes that must be free there. A server with its databases takes some 200 MB."""
LEAN = (
    "fsync=off",
    "shared_buffers=64MB",
    "max_connections=200",
    "jit=off",
    "autovacuum=off",
    "min_wal_size=32MB",
    "max_wal_size=64MB",
)
"""Settings for a server that is thrown away, whose databases are used by all processes that test."""


class Cluster:
    """A PostgreSQL server of our own on a socket in a short folder; nothing listens on the network."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._user = _server_user()
        self.folder = folder

    def create(self) -> None:
        """Make the cluster; `start` runs it."""
        if self._user:
            shutil.chown(self.folder, self._user)
        self._does("initdb", "-U", "alo185", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*LEAN, "listen_addresses=''"))
        self._does("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}")
        with suppress(PermissionError):  # calls wait for it too, whoever started it
            os.setpriority(os.PRIO_PROCESS, int((self._data / "postmaster.pid").read_text().split()[0]), 0)

    def stop(self, how: str = "immediate") -> None:
        """At once, as when its machine fails; a later `start` recovers."""
        if (self._data / "postmaster.pid").exists():
            self._does("pg_ctl", "stop", "-m", how)

    def remove(self) -> None:
        self.stop("fast")  # gives its shared memory back
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://alo185@/{name}?host={self.folder}"

    @asynccontextmanager
    async def connected(self, name: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(host=str(self.folder), user="alo185", database=name)
        try:
            yield connection
        finally:
            await connection.close()

    async def run(self, statement: str) -> None:
        async with self.connected("postgres") as connection:
            await connection.execute(statement)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _does(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        done = subprocess.run(command, user=self._user, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, cwd="/")
        assert done.returncode == 0, done.stderr.decode()


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


def new_cluster() -> Cluster:
    """A started cluster; skips where there is no PostgreSQL server."""
    programs = _programs()
    cluster = Cluster(programs, Path(tempfile.mkdtemp(prefix="alo-pg-", dir=_short_folder())))
    try:
        cluster.create()
        cluster.start()
    except BaseException:
        cluster.remove()
        raise
    return cluster


def running_cluster(folder: Path) -> Cluster:
    """One that another process started."""
    return Cluster(_programs(), folder)


def _programs() -> Path:
    """The folder of the newest PostgreSQL server on this machine."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]), reverse=True)
    initdb = shutil.which("initdb")
    folders = [*packaged, Path(initdb).resolve().parent] if initdb else packaged
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.skip("no PostgreSQL server here: install the package postgresql, or run ./alo185 test, which does")
