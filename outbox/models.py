"""Tables of webhooks: who is to be told, what there is to tell, and how telling it went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.types import Protected

ALL_EVENTS = "*"


class State(StrEnum):
    waiting = "waiting"
    delivered = "delivered"
    dead = "dead"
    """Given up; see the delivery's note."""


class Endpoint(Base):
    """A program of somebody else that wants to be told of events."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Protected)
    former_secret: Mapped[str | None] = mapped_column(Protected)
    """Signs beside the new one until `former_until`, so that a receiver may change over in peace."""
    former_until: Mapped[datetime | None]
    events: Mapped[list[str]] = mapped_column(JSON)
    """Names of events; `*` for all of them."""
    active: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str | None] = mapped_column(Text)
    """Why it was switched off, where it was not a person."""
    allow_private: Mapped[bool] = mapped_column(default=False)
    made: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(120))
    leased_by: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[datetime | None]
    """Until then one process alone sends to it; a process that dies loses it by time."""

    def wants(self, event: str) -> bool:
        return self.active and (ALL_EVENTS in self.events or event in self.events)


class Message(Base):
    """One event, as it was when it was posted."""

    __tablename__ = "outbox_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Posted again with the same key, it is the same event."""
    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    posted: Mapped[datetime] = mapped_column(index=True)


class Delivery(Base):
    """One event on its way to one endpoint."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_state_endpoint_id", "state", "endpoint_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    """What a receiver tells repetitions by; the same in every attempt."""
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.id", ondelete="CASCADE"), index=True)
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20), default=State.waiting)
    attempts: Mapped[int] = mapped_column(default=0)
    """Tries since `since`."""
    since: Mapped[datetime]
    due: Mapped[datetime]
    settled: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)
    message: Mapped[Message] = relationship(lazy="joined")


class Attempt(Base):
    """One try: what was answered, and how fast. Kept as the delivery log."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_deliveries.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    status: Mapped[int | None]
    """None where there was no answer."""
    ms: Mapped[int]
    answer: Mapped[str | None] = mapped_column(Text)
    """Its first 500 bytes."""
    problem: Mapped[str | None] = mapped_column(Text)
