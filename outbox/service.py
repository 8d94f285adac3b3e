"""Events go into the outbox in the transaction that makes them true: both are committed, or neither."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.models import Delivery, Endpoint, Message
from storage.notices import tell

CHANNEL = "alo185_outbox"
"""PostgreSQL notifies it with each commit that has something to deliver."""
Now = Callable[[], datetime]


async def wanted(session: AsyncSession, event: str) -> bool:
    """Whether anybody is to be told, so that nobody gathers facts in vain."""
    return bool(await _listeners(session, event))


async def post(session: AsyncSession, now: Now, event: str, payload: Mapping[str, Any], *, key: str) -> None:
    """Tell every endpoint that wants the event, once this is committed; the same key again tells nobody twice.

    A `link` in the payload may be a path of the public pages; it is sent as a whole address.
    """
    endpoints = await _listeners(session, event)
    if not endpoints or await session.scalar(select(Message.id).where(Message.key == key)):
        return
    message = Message(key=key, event=event, payload=dict(payload), posted=now())
    session.add(message)
    await session.flush()
    for endpoint in endpoints:
        session.add(delivery_to(endpoint, message, now()))
    await wake(session)


async def post_to(
    session: AsyncSession, now: Now, endpoint_id: int, event: str, payload: Mapping[str, Any], *, key: str
) -> None:
    """Tell this one endpoint, whatever events it has chosen; nothing where it is switched off."""
    endpoint = await session.get(Endpoint, endpoint_id)
    if endpoint is None or not endpoint.active or await session.scalar(select(Message.id).where(Message.key == key)):
        return
    message = Message(key=key, event=event, payload=dict(payload), posted=now())
    session.add(message)
    await session.flush()
    session.add(delivery_to(endpoint, message, now()))
    await wake(session)


def delivery_to(endpoint: Endpoint, message: Message, at: datetime) -> Delivery:
    return Delivery(
        uuid=str(uuid.uuid4()), endpoint_id=endpoint.id, message_id=message.id, attempts=0, since=at, due=at
    )


async def wake(session: AsyncSession) -> None:
    """Have the sender look, once this is committed."""
    await session.flush()
    await tell(session, CHANNEL)


async def _listeners(session: AsyncSession, event: str) -> list[Endpoint]:
    endpoints = await session.scalars(select(Endpoint).where(Endpoint.active).order_by(Endpoint.id))
    return [endpoint for endpoint in endpoints if endpoint.wants(event)]
