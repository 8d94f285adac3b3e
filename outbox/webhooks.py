"""Webhooks as administrators set them up. Nothing here commits: the edge does."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from outbox import queue
from outbox.errors import OutboxError
from outbox.models import ALL_EVENTS, Attempt, Delivery, Endpoint, Message, State
from outbox.service import Now, delivery_to, wake
from outbox.signing import new_secret
from outbox.target import checked_url

CHANGE_OVER = timedelta(days=1)
"""How long the former secret signs too."""
PING = "ping"
MOST_ENDPOINTS = 50
SWITCHED_OFF = "Switched off by an administrator."


class Record(Protocol):
    """Writes into the audit log, in the caller's transaction; `people.audit.record` is one."""

    async def __call__(
        self, session: AsyncSession, now: Now, who: str, what: str, subject: str, **detail: Any
    ) -> object: ...


class Webhooks:
    """One administrator's work in one session."""

    def __init__(self, session: AsyncSession, now: Now, who: str, record: Record | None = None) -> None:
        self.session = session
        self.now = now
        self.who = who
        self._record = record

    async def all(self) -> Sequence[Endpoint]:
        return (await self.session.scalars(select(Endpoint).order_by(Endpoint.id))).all()

    async def get(self, endpoint_id: int) -> Endpoint:
        """Raises `unknown_webhook`."""
        endpoint = await self.session.get(Endpoint, endpoint_id)
        if endpoint is None:
            raise OutboxError(f"There is no webhook {endpoint_id}.", "unknown_webhook")
        return endpoint

    async def make(self, url: str, events: Sequence[str] = (ALL_EVENTS,), *, allow_private: bool = False) -> Endpoint:
        """A new endpoint; its `secret` is to be shown now and never again."""
        if len(await self.all()) >= MOST_ENDPOINTS:
            raise OutboxError(f"There are {MOST_ENDPOINTS} webhooks already; remove one first.", "too_many_webhooks")
        endpoint = Endpoint(
            url=str(checked_url(url)),
            secret=new_secret(),
            events=list(dict.fromkeys(events)),
            active=True,
            allow_private=allow_private,
            made=self.now(),
            made_by=self.who,
        )
        self.session.add(endpoint)
        await self.session.flush()
        await self._note("webhook_made", endpoint.id, url=endpoint.url, allow_private=allow_private)
        return endpoint

    async def change(
        self,
        endpoint_id: int,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        active: bool | None = None,
        allow_private: bool | None = None,
    ) -> Endpoint:
        """What is given; switched off, it also loses what waits for it."""
        endpoint = await self.get(endpoint_id)
        endpoint.url = str(checked_url(url)) if url is not None else endpoint.url
        endpoint.events = list(dict.fromkeys(events)) if events is not None else endpoint.events
        endpoint.allow_private = endpoint.allow_private if allow_private is None else allow_private
        await self.session.flush()
        if active is False and endpoint.active:
            await queue.switch_off(self.session, endpoint_id, SWITCHED_OFF, self.now())
        elif active:
            endpoint.active, endpoint.note = True, None
        await self.session.flush()
        await self.session.refresh(endpoint)
        await self._note("webhook_changed", endpoint_id, url=endpoint.url, active=endpoint.active)
        return endpoint

    async def remove(self, endpoint_id: int) -> None:
        """With its log."""
        endpoint = await self.get(endpoint_id)
        await self._note("webhook_removed", endpoint_id, url=endpoint.url)
        await self.session.execute(delete(Endpoint).where(Endpoint.id == endpoint_id))

    async def rotate_secret(self, endpoint_id: int) -> Endpoint:
        """A new secret; for a day messages carry signatures by both."""
        endpoint = await self.get(endpoint_id)
        endpoint.former_secret, endpoint.former_until = endpoint.secret, self.now() + CHANGE_OVER
        endpoint.secret = new_secret()
        await self.session.flush()
        await self._note("webhook_secret_rotated", endpoint_id)
        return endpoint

    async def ping(self, endpoint_id: int) -> Delivery:
        """A message to try the receiver with."""
        endpoint = await self.get(endpoint_id)
        if not endpoint.active:
            raise OutboxError("This webhook is switched off; switch it on first.", "webhook_off")
        message = Message(key=f"ping-{uuid.uuid4()}", event=PING, payload={"webhook": endpoint.id}, posted=self.now())
        self.session.add(message)
        await self.session.flush()
        delivery = delivery_to(endpoint, message, self.now())
        self.session.add(delivery)
        await wake(self.session)
        return await self._read(delivery.uuid)

    async def redeliver(self, endpoint_id: int, delivery_uuid: str) -> Delivery:
        """Send it once more under its old id, with three days of tries anew."""
        endpoint, delivery = await self.get(endpoint_id), await self._read(delivery_uuid)
        if delivery.endpoint_id != endpoint.id:
            raise OutboxError(f"This webhook has no delivery {delivery_uuid}.", "unknown_delivery")
        if not endpoint.active:
            raise OutboxError("This webhook is switched off; switch it on first.", "webhook_off")
        delivery.state, delivery.attempts, delivery.settled, delivery.note = State.waiting, 0, None, None
        delivery.since = delivery.due = self.now()
        await wake(self.session)
        return delivery

    async def deliveries(self, endpoint_id: int, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        """The newest first."""
        await self.get(endpoint_id)
        query = select(Delivery).where(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc()).limit(limit)
        if before is not None:
            query = query.where(Delivery.id < before)
        return (await self.session.scalars(query)).all()

    async def attempts(self, delivery: Delivery) -> Sequence[Attempt]:
        query = select(Attempt).where(Attempt.delivery_id == delivery.id).order_by(Attempt.number)
        return (await self.session.scalars(query)).all()

    async def _note(self, what: str, endpoint_id: int, **detail: Any) -> None:
        if self._record:
            await self._record(self.session, self.now, self.who, what, f"webhook:{endpoint_id}", **detail)

    async def _read(self, delivery_uuid: str) -> Delivery:
        query = select(Delivery).where(Delivery.uuid == delivery_uuid).options(selectinload(Delivery.message))
        delivery: Delivery | None = await self.session.scalar(query)
        if delivery is None:
            raise OutboxError(f"There is no delivery {delivery_uuid}.", "unknown_delivery")
        return delivery
