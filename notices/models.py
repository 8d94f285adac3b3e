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
