"""What can be wrong with the database, said so that the person who reads it knows what to do."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StorageError(Exception):
    """The database cannot be used now. `code` is stable; the text says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


CANNOT_CONNECT = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""A driver's connection errors reach us bare; those of a statement come wrapped in `DBAPIError`."""

_SIGNS = (
    ("database is locked", "database_locked"),
    ("database table is locked", "database_locked"),
    ("database or disk is full", "disk_full"),
    ("no space left", "disk_full"),
    ("malformed", "database_corrupt"),
    ("not a database", "database_corrupt"),
    ("no such table", "database_not_prepared"),
    ("no such column", "database_not_prepared"),
    ("readonly database", "database_unreadable"),
    ("unable to open", "database_unreadable"),
    ("disk i/o error", "database_unreadable"),
    ("permission denied", "database_unreadable"),
)
_STATES = {
    "42P01": "database_not_prepared",
    "42703": "database_not_prepared",
    "53100": "disk_full",
    "53300": "database_away",
    "57P01": "database_away",
    "57P02": "database_away",
    "57P03": "database_away",
    "XX001": "database_corrupt",
    "XX002": "database_corrupt",
}
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_ADVICE = {
    "database_locked": "The database is locked: another program has been writing to it for over 5 seconds. Close it "
    "and try again.",
    "disk_full": "The disk of the database is full. Make room and try again; nothing was lost.",
    "database_corrupt": "The database file is damaged or is no database. Put a backup in its place, or move it away "
    "and start again with an empty one.",
    "database_not_prepared": "The database has not been prepared by this version. Run ./alo185 run once.",
    "database_unreadable": "The database cannot be opened. Check that its folder exists, that this user "
    "may write there, and that its disk has room.",
    "database_away": "The database does not answer. Check that it runs and that ALO185_DATABASE_URL is right.",
}


def advice(code: str) -> StorageError:
    return StorageError(code, _ADVICE[code])


def cannot_connect(error: BaseException) -> StorageError:
    """Why no connection was had, as one sentence."""
    return _recognised(error) or advice("database_away")


def broken(error: DBAPIError | PoolTimeout) -> StorageError | None:
    """The database's own failure in a statement; None for what the statement itself did wrong."""
    if isinstance(error, PoolTimeout) or error.connection_invalidated:
        return advice("database_away")
    return _recognised(error)


def _recognised(error: BaseException) -> StorageError | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if code := _STATES.get(getattr(cause, "sqlstate", None) or ""):
        return advice(code)
    text = str(cause).lower()
    return next((advice(code) for sign, code in _SIGNS if sign in text), None)
