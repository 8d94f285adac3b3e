"""Has the watch look at once rather than at its next turn."""

from sqlalchemy.ext.asyncio import AsyncSession

from storage.notices import tell

CHANNEL = "alo185_tickets"
"""Told with each commit that leaves the watch something to do."""


async def wake(session: AsyncSession) -> None:
    """Once this is committed."""
    await session.flush()
    await tell(session, CHANNEL)
