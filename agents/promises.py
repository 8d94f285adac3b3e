"""Call-backs that agents promised: they stand on the call-back desk until somebody has called."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.errors import AgentError
from agents.models import Contact
from people.models import User

MOST = 200
Promise = tuple[Contact, User]


async def promised(session: AsyncSession) -> Sequence[Promise]:
    """Those that are still to be kept, the most urgent first, each with who promised."""
    query = select(Contact, User).join(User, User.id == Contact.user_id)
    query = query.where(Contact.call_back_at.is_not(None), Contact.called_back.is_(None))
    rows = await session.execute(query.order_by(Contact.call_back_at).limit(MOST))
    return [(contact, user) for contact, user in rows]


async def kept(session: AsyncSession, contact_id: int, who: str, at: datetime) -> Contact:
    """Somebody called. Raises `unknown_promise` for one that was kept by somebody else meanwhile."""
    contact = await session.get(Contact, contact_id, with_for_update=True)
    if contact is None or contact.call_back_at is None or contact.called_back:
        raise AgentError("There is no such promise any more; somebody has called already.", "unknown_promise")
    contact.called_back, contact.called_back_by = at, who
    return contact
