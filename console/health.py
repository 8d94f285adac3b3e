"""How the installation is doing, for administrators: figures and versions, never an address, a path or a secret."""

import asyncio
import platform
import shutil
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from console.office import Office
from web import vendor

STALE = timedelta(minutes=2)
LITTLE_DISK = 1_000_000_000
_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


@dataclass(frozen=True, slots=True)
class Health:
    board_age: timedelta
    board_problem: str | None
    database: str
    """Kind and version."""
    speech: tuple[str, ...]
    """Why recordings could not be used."""
    disk_free: int | None
    """Bytes where prompts and recordings are written."""
    python: str
    libraries: bool

    @property
    def stale(self) -> bool:
        return self.board_age > STALE

    @property
    def disk_low(self) -> bool:
        return self.disk_free is not None and self.disk_free < LITTLE_DISK


async def health_of(office: Office) -> Health:
    async with office.db.reading() as session:
        version = await session.scalar(text(_VERSION[office.db.dialect]))
    kind = "PostgreSQL" if office.db.dialect == "postgresql" else "SQLite"
    return Health(
        board_age=office.keeper.age,
        board_problem=office.keeper.problem,
        database=f"{kind} {str(version).split()[0]}",
        speech=tuple(office.library.refused),
        disk_free=await asyncio.to_thread(_free, office),
        python=platform.python_version(),
        libraries=vendor.built(),
    )


def _free(office: Office) -> int | None:
    try:
        return shutil.disk_usage(office.library.folder).free
    except OSError:
        return None
