"""Tables of subscribers. What is personal is sealed; what is searched is a keyed digest of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Protected
from subscribers.consent import Channel, Purpose


class SubscriberRow(Base):
    """One subscription of the utility. Merged away, it only leads to the one that took it in."""

    __tablename__ = "subscribers"

    id: Mapped[int] = mapped_column(primary_key=True)
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """See `subscribers.keys.number_key`."""
    number: Mapped[str] = mapped_column(Protected)
    name: Mapped[str | None] = mapped_column(Protected)
    address: Mapped[str | None] = mapped_column(Protected)
    meter_point: Mapped[str | None] = mapped_column(Protected)
    area_id: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(2))
    digest: Mapped[str] = mapped_column(String(64))
    """Of all that an import tells: an unchanged row is known without opening what is sealed."""
    source: Mapped[str] = mapped_column(String(20))
    """`file` or `database`."""
    updated: Mapped[datetime]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id"), index=True)


class SubscriberPhone(Base):
    """A telephone of a subscriber; a family's may belong to several of them."""

    __tablename__ = "subscriber_phones"

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    """The same pseudonym as in calls and tickets."""
    number: Mapped[str] = mapped_column(Protected)
    """E.164."""


class SubscriberName(Base):
    """A word of a subscriber's name, as a keyed digest of 31 bits: names are found, not read; see ADR 20."""

    __tablename__ = "subscriber_names"

    token: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class ConsentRow(Base):
    """That somebody agreed, or no longer does. Never changed: the newest row of a channel and purpose holds."""

    __tablename__ = "subscriber_consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    channel: Mapped[Channel] = mapped_column(String(10))
    purpose: Mapped[Purpose] = mapped_column(String(20))
    given: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(20))
    """`import`, `phone`, `paper`, `web` or `operator`."""
    who: Mapped[str] = mapped_column(String(120))


class Erasure(Base):
    """A subscriber who was erased on request: an import does not bring them back."""

    __tablename__ = "subscriber_erasures"

    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class ImportRun(Base):
    """How far an import has come, so that one that was broken off goes on from there."""

    __tablename__ = "subscriber_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(64), index=True)
    """Digest of the file, or of the database's address and question."""
    name: Mapped[str] = mapped_column(String(200))
    who: Mapped[str] = mapped_column(String(120))
    done: Mapped[int] = mapped_column(default=0)
    """Records that were read and settled."""
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime]
    updated: Mapped[datetime]
    finished: Mapped[datetime | None]


class NumberTries(Base):
    """How often a caller typed subscriber numbers lately; by the caller's pseudonym."""

    __tablename__ = "subscriber_tries"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    since: Mapped[datetime]
