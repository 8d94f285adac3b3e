"""How callers' numbers may be shown and compared."""

import hmac

SHOWN = 2
DOT = "•"


def masked(number: str | None) -> str:
    """The last two digits at most, for logs."""
    return f"…{number[-SHOWN:]}" if number and len(number) > 2 * SHOWN else "withheld"


def hidden(keys: str) -> str:
    """As many dots as there were keys."""
    return DOT * len(keys)


def pseudonym(number: str, secret: str) -> str:
    """Equal for equal numbers; without the secret, the number cannot be found from it by trying all numbers."""
    return hmac.digest(secret.encode(), number.encode(), "sha256").hex()
