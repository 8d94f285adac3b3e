"""Column types: times that are never ambiguous, and personal data that is unreadable without the key."""

import base64
import os
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from storage.errors import StorageError

NONCE = 12
"""Bytes, random: enough for the four thousand million values of one key (NIST SP 800-38D, 8.3)."""
SEALED = "g1:"
"""What values begin with that are sealed by AES-GCM; a Fernet token of earlier versions begins with `gAAAA`."""


class Seal:
    """Encrypts with AES-256-GCM, which costs a call a tenth of what Fernet did; reads both."""

    def __init__(self, secret: str) -> None:
        self._gcm = AESGCM(_derived(secret, b"alo185 sealed columns"))
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(secret, b"alo185 protected columns")))

    def close(self, value: str) -> str:
        nonce = os.urandom(NONCE)
        return SEALED + base64.b64encode(nonce + self._gcm.encrypt(nonce, value.encode(), None)).decode()

    def open(self, stored: str) -> str:
        """Raises InvalidTag or InvalidToken for what was closed with another secret."""
        if not stored.startswith(SEALED):
            return self._fernet.decrypt(stored.encode()).decode()
        try:
            sealed = base64.b64decode(stored[len(SEALED) :], validate=True)
            return self._gcm.decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
        except ValueError:  # no base64, or too short to hold a nonce
            raise InvalidTag from None


_seal: Seal | None = None


def use_key(key: str) -> None:
    """Give the key of `Protected` columns, once, before the first of them is read or written."""
    global _seal
    _seal = Seal(key)


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
        return None if value is None else _key().close(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _key().open(value)
        except (InvalidTag, InvalidToken):
            raise StorageError(
                "wrong_key",
                "Protected data was stored with another key. Put back the file database-key of this database.",
            ) from None


def _key() -> Seal:
    if _seal is None:
        raise StorageError("no_key", "The key of protected columns was not given; call storage.types.use_key first.")
    return _seal


def _derived(secret: str, purpose: bytes) -> bytes:
    """32 bytes; the secret may be any text of high entropy."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
