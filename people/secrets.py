"""Random values that people and programs show again, and what is kept of them."""

import hashlib
import secrets

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is mistaken for another when it is read from a screen."""
_GROUPS, _GROUP = 4, 4


def token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Enough for values that are random: they cannot be tried through."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()


def one_time_password() -> str:
    """79 random bits in groups that can be read out and typed."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
