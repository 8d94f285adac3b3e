"""Tables of calls to citizens. Areas, tickets and outages are kept as plain words: no list is needed to call."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dialling.kinds import ACTIVE, State
from storage.base import Base
from storage.types import Protected

_ACTIVE = text(f"state IN ({', '.join(repr(state.value) for state in ACTIVE)})")


class OutboundCall(Base):
    """One reason to call one number, until it is settled."""

    __tablename__ = "outbound_calls"
    __table_args__ = (
        # one call at a time for a number, whatever the reasons
        Index("uq_outbound_calls_active", "number_hash", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index("ix_outbound_calls_number_hash", "number_hash"),
        Index("ix_outbound_calls_why_subject", "why", "subject"),
        Index("ix_outbound_calls_state_due", "state", "due"),
        Index("ix_outbound_calls_finished", "finished"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    number: Mapped[str | None] = mapped_column(Protected)
    """Personal: E.164. Removed when its time is up."""
    number_hash: Mapped[str] = mapped_column(String(64))
    area_id: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(2))
    priority: Mapped[int]
    """Higher first."""
    due: Mapped[datetime]
    """Not dialled before."""
    until: Mapped[datetime | None]
    """Not dialled after: there is no use in announcing work that has begun."""
    state: Mapped[str] = mapped_column(String(10), default=State.waiting)
    worker: Mapped[str | None] = mapped_column(String(40))
    lease: Mapped[datetime | None]
    """Until when the worker, or the call itself, is given time."""
    attempts: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str | None] = mapped_column(String(20))
    created: Mapped[datetime]
    finished: Mapped[datetime | None]


class CallAttempt(Base):
    """One time that a number was dialled. Kept for ever; only what was heard and pressed is emptied in time."""

    __tablename__ = "call_attempts"
    __table_args__ = (
        Index("ix_call_attempts_number_hash_at", "number_hash", "at"),
        Index("ix_call_attempts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_calls.id"), index=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    """Unguessable; names the channel, so that the exchange itself refuses to dial one attempt twice."""
    number_hash: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(String(20))
    worker: Mapped[str] = mapped_column(String(40))
    trunk: Mapped[str] = mapped_column(String(80))
    who: Mapped[str | None] = mapped_column(String(120))
    """The person who called by a telephone of their own; None where the dialler did."""
    at: Mapped[datetime]
    answered: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    """None while it runs."""
    cause: Mapped[int | None]
    """The exchange's hang-up cause (Q.850)."""
    verdict: Mapped[str | None] = mapped_column(String(20))
    stars: Mapped[int | None]
    """How content the citizen was, 1 to 5."""
    heard: Mapped[str | None] = mapped_column(Protected)
    """Personal: JSON list of `[seconds, phrase key, text, interrupted]`."""
    keys: Mapped[str | None] = mapped_column(Protected)
    """Personal: JSON list of `[seconds, keys]`."""


class OptOut(Base):
    """A number that is not called any more."""

    __tablename__ = "opt_outs"

    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(40))
    """`call`, or who wrote it down."""
    note: Mapped[str | None] = mapped_column(String(200))


class DiallerStop(Base):
    """The one row of the emergency stop; there is none while calls are made."""

    __tablename__ = "dialler_stops"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(200))


class DiallerRules(Base):
    """The one row of what administrators set; without it the settings file counts."""

    __tablename__ = "dialler_rules"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[str] = mapped_column(String(5))
    """As the clock on the wall shows it, `09:00`."""
    closes: Mapped[str] = mapped_column(String(5))
    on_holidays: Mapped[bool]
    attempts: Mapped[int]
    a_day: Mapped[int]
    spacing: Mapped[str] = mapped_column(String(100))
    """Minutes from one attempt to the next, parted by spaces; the last goes on."""
    per_second: Mapped[float]
    at_once: Mapped[int]
    reserved: Mapped[int]
    """Percent of the trunk that is kept for those who call us."""
    changed: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class KeptPlace(Base):
    """The place in the agents' queue of somebody who does not hold the line, and what they were there for."""

    __tablename__ = "kept_places"

    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_calls.id"), primary_key=True, autoincrement=False)
    joined: Mapped[datetime] = mapped_column(index=True)
    """Their turn comes after all who joined before."""
    reason: Mapped[str] = mapped_column(String(40))
    area: Mapped[str | None] = mapped_column(String(100))
    """As agents read it."""
    ticket: Mapped[str | None] = mapped_column(String(20))
    urgency: Mapped[int]
    """The queue's priority; higher first."""
    handled: Mapped[datetime | None]
    """When somebody took it by hand."""
    handled_by: Mapped[str | None] = mapped_column(String(120))
