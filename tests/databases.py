"""Databases for tests: every test that asks for `db` runs on SQLite and on a real PostgreSQL that is thrown away."""

import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from people.audit import use_secret
from storage import types
from storage.database import Database
from tests.clusters import Cluster, in_own_loop, new_cluster, running_cluster
from tests.reused_database import TEMPLATE, ReusedDatabase
from tests.shared_statements import lend_statements, share_statements

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """One server for all tests of all processes; whoever needs it first starts it, and the whole run ends it."""
    with _shared_server(tmp_path_factory) as told:
        if told.exists():
            return running_cluster(Path(told.read_text()))
        cluster = new_cluster()
        told.write_text(str(cluster.folder))
        in_own_loop(_prepare_template(cluster))
        return cluster


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if not WORKER:
        with _shared_server(session.config._tmp_path_factory) as told:  # type: ignore[attr-defined]
            if told.exists():
                running_cluster(Path(told.read_text())).remove()


@contextmanager
def _shared_server(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that tells the folder of the run's server, for one process at a time."""
    base = factory.getbasetemp()
    told = (base.parent if WORKER else base) / "postgresql"
    with told.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield told


@pytest.fixture(scope="session")
def reused_database(postgresql: Cluster) -> ReusedDatabase:
    return ReusedDatabase(postgresql, f"reused_{WORKER}")


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
    reused: ReusedDatabase = request.getfixturevalue("reused_database")
    yield await reused.lent()
    await reused.returned()


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
    share_statements(database)
    yield database
    lend_statements(database)
    await database.close()


async def _prepare_template(cluster: Cluster) -> None:
    await cluster.run(f"CREATE DATABASE {TEMPLATE}")
    await _migrate(cluster.url(TEMPLATE))


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()
