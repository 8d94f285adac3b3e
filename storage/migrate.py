"""Brings a database's tables to the version of the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import StorageError, advice

FOLDER = Path(__file__).with_name("migrations")
_LOCK = 185_185
"""PostgreSQL advisory lock: of several replicas that start at once, one migrates and the others wait."""


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run what is missing, in the connection's transaction; `StorageError` if the database is newer than the code."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    _present(connection, ScriptDirectory.from_config(config))
    command.upgrade(config, target)


def check(connection: Connection) -> None:
    """`StorageError` if the tables are older or newer than the code."""
    scripts = ScriptDirectory(str(FOLDER))
    if _present(connection, scripts) != scripts.get_current_head():
        raise advice("database_not_prepared")


def _present(connection: Connection, scripts: ScriptDirectory) -> str | None:
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageError(
            "database_newer",
            f"The database was made by a newer version of Alo 185 (its tables are at {present}). Install that version; "
            "the data is untouched.",
        )
    return present
