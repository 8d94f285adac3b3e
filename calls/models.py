"""Tables of what happened in calls, and of what callers asked us to remember."""

from datetime import datetime

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Protected

_TOLD = ("reason", "first_answer_seconds", "area_id", "left_at", "called_again")


class CallRecord(Base):
    """One call as it was. Personal columns are emptied when their time is up; the rest stays for the statistics."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_area_id_started", "area_id", "started"),
        # all that containment and reports are told from, so that a day's thousands of rows need not be read
        Index("ix_calls_served", "started", "driver", "outcome", *_TOLD),
        # by which a number's next call is found
        Index("ix_calls_caller_hash_started", "caller_hash", "started", "driver", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(120), unique=True)
    driver: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    started: Mapped[datetime]
    answered: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    area_id: Mapped[int | None]
    outage_ids: Mapped[list[int]] = mapped_column(JSON)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(60))
    ticket_number: Mapped[str | None] = mapped_column(String(20))
    first_answer_seconds: Mapped[float | None]
    """From the start of the call until the caller began to hear about the water."""
    left_at: Mapped[str | None] = mapped_column(String(80))
    """Key of the phrase that a caller who gave up heard last; of figures that are read back, not which they are."""
    called_again: Mapped[bool | None]
    """Whether the number called again within a day; written when the number is removed, by which it was told before."""
    duration_seconds: Mapped[float | None]
    caller: Mapped[str | None] = mapped_column(Protected)
    """Personal: E.164."""
    caller_hash: Mapped[str | None] = mapped_column(String(64))
    """Personal: tells that two calls came from one number, without telling which."""
    heard: Mapped[str | None] = mapped_column(Protected)
    """Personal (a number may be read back): JSON list of `[seconds, phrase key, text, interrupted]`."""
    keys: Mapped[str | None] = mapped_column(Protected)
    """Personal: JSON list of `[seconds, keys]`, private entries as dots."""


class RememberedCaller(Base):
    """The area that a caller wants to hear about first."""

    __tablename__ = "remembered_callers"

    caller_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    area_id: Mapped[int]
    consented_at: Mapped[datetime]


class DismissedDemand(Base):
    """An area that is not to be suggested for a while, although callers ask for it."""

    __tablename__ = "dismissed_demand"

    area_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class LiveProcess(Base):
    """What one process of several last told about its running calls."""

    __tablename__ = "live_processes"

    process: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    snapshot: Mapped[str] = mapped_column(Text)


class LiveWatch(Base):
    """One row: until when somebody watches, so that processes need not tell when nobody does."""

    __tablename__ = "live_watch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]
