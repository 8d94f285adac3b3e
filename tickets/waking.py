"""Has the watch look at once rather than at its next turn."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "alo185_tickets"
"""PostgreSQL notifies it with each commit that leaves the watch something to do; SQLite is polled."""


async def wake(session: AsyncSession) -> None:
    """Once this is committed."""
    await session.flush()
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
