"""Table of those who asked to be told of planned outages."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import Enum, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Protected

Way = Literal["sms", "call"]
Source = Literal["web", "phone", "operator", "api"]


class State(StrEnum):
    pending = "pending"
    """Asked for, but nobody knows yet whether the number's owner did."""
    confirmed = "confirmed"


class NoticeRequest(Base):
    """One number that wants to hear of planned outages of one area. Gone when its owner wants no more."""

    __tablename__ = "notice_requests"
    __table_args__ = (
        UniqueConstraint("number_hash", "area_id"),
        Index("ix_notice_requests_area_id_state", "area_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    way: Mapped[Way] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[str] = mapped_column(Protected)
    """E.164."""
    number_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20))
    consent_version: Mapped[str] = mapped_column(String(40))
    """Which text was agreed to; see `notices.consent`."""
    consent_source: Mapped[Source] = mapped_column(String(20))
    consented: Mapped[datetime]
    confirmed: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(120))


class RestorationRequest(Base):
    """A caller who heard of an outage and asked to be called when the water is back."""

    __tablename__ = "restoration_requests"
    __table_args__ = (
        UniqueConstraint("outage_id", "number_hash"),
        Index("ix_restoration_requests_settled", "settled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outages.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[str] = mapped_column(Protected)
    """E.164."""
    number_hash: Mapped[str] = mapped_column(String(64), index=True)
    consent_version: Mapped[str] = mapped_column(String(40))
    consent_source: Mapped[Source] = mapped_column(String(20))
    consented: Mapped[datetime]
    settled: Mapped[datetime | None]
    """When there was nothing left to wait for."""
    settled_as: Mapped[str | None] = mapped_column(String(20))
    """`asked`, `by_ticket`, `cancelled`, `opted_out`, `not_callable`; see `ivr.calling.restoring`."""


class StillOff(Base):
    """Somebody who was asked after an outage, and says that the water is not back."""

    __tablename__ = "still_off"
    __table_args__ = (
        UniqueConstraint("outage_id", "area_id", "number_hash"),
        Index("ix_still_off_area_id_at", "area_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int]
    area_id: Mapped[int]
    number_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class Doubt(Base):
    """Enough people of one place say that the water is not back: an operator decides what that means."""

    __tablename__ = "restoration_doubts"
    __table_args__ = (UniqueConstraint("outage_id", "area_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int]
    area_id: Mapped[int]
    people: Mapped[int]
    """Different numbers so far."""
    since: Mapped[datetime]
    """The first of them."""
    raised: Mapped[datetime]
    settled: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(120))
