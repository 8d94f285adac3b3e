"""Signatures by which a receiver knows that a message is ours and fresh: https://www.standardwebhooks.com."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(uuid: str, at: datetime, body: bytes, keys: Iterable[str]) -> Mapping[str, str]:
    """The three headers of the standard; one signature for each key that counts now."""
    stamp = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_signature(key, uuid, stamp, body)}" for key in keys)
    return {"webhook-id": uuid, "webhook-timestamp": stamp, "webhook-signature": signatures}


def _signature(secret: str, uuid: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    told = b".".join((uuid.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
