"""Column types: times that are never ambiguous, and personal data that is unreadable without the key."""

import base64
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from storage.errors import StorageError

_fernet: Fernet | None = None


def use_key(key: str) -> None:
    """Give the key of `Protected` columns, once, before the first of them is read or written."""
    global _fernet
    _fernet = Fernet(_fernet_key(key))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC. A naive one is refused with `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; give an aware datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Protected(TypeDecorator[str]):
    """Text that is stored encrypted; it cannot be searched. See `use_key`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _key().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _key().decrypt(value.encode()).decode()
        except InvalidToken:
            raise StorageError(
                "wrong_key",
                "Protected data was stored with another key. Put back the file database-key of this database.",
            ) from None


def _key() -> Fernet:
    if _fernet is None:
        raise StorageError("no_key", "The key of protected columns was not given; call storage.types.use_key first.")
    return _fernet


def _fernet_key(secret: str) -> bytes:
    """Fernet wants 32 bytes in base64; the secret may be any text of high entropy."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"alo185 protected columns")
    return base64.urlsafe_b64encode(derived.derive(secret.encode()))
