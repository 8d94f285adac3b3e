"""Statements that are written once for all databases of a process: to write them anew took a fifth of most tests."""

from sqlalchemy import Engine

from storage.database import Database

_connected: dict[str, Engine] = {}
"""By dialect, the engine that was connected first: only then does its dialect know the server."""


def share_statements(database: Database) -> None:
    """SQLAlchemy keeps them by dialect in the engine, and knows no other way to give both to another one."""
    if first := _connected.get(database.dialect):
        for engine in (database.engine, database._readers.kw["bind"]):
            engine.sync_engine.dialect, engine.sync_engine._compiled_cache = first.dialect, first._compiled_cache


def lend_statements(database: Database) -> None:
    """Once it has been used, to those that come after it."""
    engine = database.engine.sync_engine
    if getattr(engine.dialect, "server_version_info", None):
        _connected.setdefault(database.dialect, engine)
