"""Keys that may write through REST."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.models import ApiKey
from storage.database import Database

FIRST = "installation"


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def ensure_api_key(db: Database, secret: str, name: str = FIRST, now: Callable[[], datetime] = _utc_now) -> None:
    """Let the installation's own key write; a key made anew replaces the one of that name."""
    async with db.session() as session:
        digest = _digest(secret)
        key = await session.scalar(select(ApiKey).where(ApiKey.name == name))
        if key is None:
            session.add(ApiKey(name=name, sha256=digest, created=now()))
        elif key.sha256 != digest:
            key.sha256, key.created = digest, now()
        await session.commit()


async def owner_of(session: AsyncSession, presented: str) -> str | None:
    """The name of the presented key; how long it takes does not tell how much of it was right."""
    digest = _digest(presented)
    owner = None
    for key in await session.scalars(select(ApiKey)):
        if hmac.compare_digest(key.sha256, digest):
            owner = key.name
    return owner


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
