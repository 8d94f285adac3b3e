"""Geri Dönüş: what citizens reported, and everything that happened to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Protected
from tickets.columns import words
from tickets.kinds import Category, Channel, Urgency
from tickets.life import State
from tickets.unit_models import Unit


class Ticket(Base):
    """One report. Areas and outages are kept as plain ids: no ticket is refused because a list has changed."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_unit_id_state", "unit_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """`26-004217`: year and serial within the year."""
    key: Mapped[str] = mapped_column(String(260), unique=True)
    """What makes one ticket of all retries of a report: its channel and the channel's own key."""
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """Digest of what was sent under the key; None where a retry may tell more or less (the phone)."""
    channel: Mapped[Channel] = mapped_column(words(Channel, 10))
    call_id: Mapped[str | None] = mapped_column(String(200), index=True)
    category: Mapped[Category] = mapped_column(words(Category))
    urgency: Mapped[Urgency] = mapped_column(words(Urgency, 10))
    state: Mapped[State] = mapped_column(words(State), index=True)
    area_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)
    """What the citizen said or wrote."""
    search_key: Mapped[str | None] = mapped_column(Text)
    """Address and words in plain small letters: databases do not fold İ and ı."""
    caller_name: Mapped[str | None] = mapped_column(Protected)
    callback_number: Mapped[str | None] = mapped_column(Protected)
    number_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(2))
    voice: Mapped[str | None] = mapped_column(String(120))
    """File name within the tickets' folder."""
    outage_id: Mapped[int | None] = mapped_column(index=True)
    """The known outage whose end it waits for instead of a new job."""
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id))
    step: Mapped[int] = mapped_column(default=0)
    """Who of the unit's chain was told last: 0 is the unit itself."""
    answer_by: Mapped[datetime | None]
    """Not accepted by then, the next on the chain is told."""
    why: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """How its unit was found, in the words of that moment; see `tickets.routing`."""
    cause: Mapped[str | None] = mapped_column(String(40))
    """What the field found."""
    round: Mapped[int] = mapped_column(default=1)
    """Raised each time it is reopened."""
    opened: Mapped[datetime] = mapped_column(index=True)
    updated: Mapped[datetime]
    closed: Mapped[datetime | None] = mapped_column(index=True)
    forgotten: Mapped[datetime | None]
    """When what is personal in it was removed."""
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the watch looks at it next; None when only people or an outage's end move it on."""


class TicketYear(Base):
    """The last serial of a year. Its row lock lets tickets be numbered without gaps or duplicates."""

    __tablename__ = "ticket_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class TicketEvent(Base):
    """Who did what and when. Never changed, never removed; the database refuses it."""

    __tablename__ = "ticket_events"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(20))
    """A move, or `opened`, `note`, `merged`, `taken_out`, `attached`, `detached`, `file`, `changed`, `told`, `warned`,
    `breached`, `next_on_chain`, `chain_ended`, `no_unit`, `forgotten`; `call` and `rated` of calls to the citizen."""
    before: Mapped[State | None] = mapped_column(words(State))
    after: Mapped[State | None] = mapped_column(words(State))
    reason: Mapped[str | None] = mapped_column(String(60))
    """A stable word, where there is one."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Nothing personal."""


class TicketNote(Base):
    """The free words of an event, apart from it: people write names into them, and those can be forgotten."""

    __tablename__ = "ticket_notes"

    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_events.id"), primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    text: Mapped[str] = mapped_column(Text)


class TicketFile(Base):
    """A picture or document; its bytes lie in the tickets' folder."""

    __tablename__ = "ticket_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    """Media type, by what it holds and not by what it is called."""
    size: Mapped[int]
    stored: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class TicketClock(Base):
    """One promise of a service level: by when, whether it was kept. Those that were broken are the breach log."""

    __tablename__ = "ticket_clocks"
    __table_args__ = (UniqueConstraint("ticket_id", "round", "promise"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    round: Mapped[int]
    promise: Mapped[str] = mapped_column(String(10))
    """`answer`, `site` or `solution`."""
    warn_at: Mapped[datetime]
    due: Mapped[datetime]
    met: Mapped[datetime | None]
    """When it was done, in time or late."""
    warned: Mapped[datetime | None]
    breached: Mapped[datetime | None] = mapped_column(index=True)


class Acknowledgement(Base):
    """A link that was sent to somebody who can accept a ticket by it, once."""

    __tablename__ = "ticket_acknowledgements"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    round: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey(Unit.id))
    step: Mapped[int]
    told: Mapped[str] = mapped_column(String(120))
    """Whom it was sent to."""
    made: Mapped[datetime]
    used: Mapped[datetime | None]
