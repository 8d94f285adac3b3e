"""Tables of the agents' desk: who does what since when, every call that was offered, and what administrators set."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from agents.columns import words
from agents.states import Outcome, State
from people.models import User
from storage.base import Base
from storage.types import Protected

_NOW = text("until IS NULL")


class PauseReason(Base):
    """Why somebody may be away from the line."""

    __tablename__ = "agent_pause_reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    label_tr: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class CallResult(Base):
    """What may have come of a call; one has to be chosen before the next call."""

    __tablename__ = "agent_results"

    id: Mapped[int] = mapped_column(primary_key=True)
    label_tr: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    call_back: Mapped[bool] = mapped_column(default=False)
    """The agent promised to call back: a time has to be given."""
    active: Mapped[bool] = mapped_column(default=True)


class Script(Base):
    """What an agent says or asks, for a kind of report or a reason why callers come."""

    __tablename__ = "agent_scripts"

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(40))
    """A category of tickets, a reason such as `hazard`, or empty: always."""
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Target(Base):
    """Where a call may be passed on to outside of the queues: a unit's telephone or another number."""

    __tablename__ = "agent_targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`unit` or `outside`."""
    label: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class AgentsQueueRow(Base):
    """A queue of Asterisk's as people call it."""

    __tablename__ = "agent_queues"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    label_tr: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Membership(Base):
    """A queue that somebody serves when they are ready; without any it is the first one."""

    __tablename__ = "agent_memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(ForeignKey(AgentsQueueRow.name), primary_key=True)


class AgentSession(Base):
    """From signing in at the desk until signing out, or until the tab was gone."""

    __tablename__ = "agent_sessions"
    __table_args__ = (
        Index(
            "uq_agent_sessions_open",
            "user_id",
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    started: Mapped[datetime] = mapped_column(index=True)
    seen: Mapped[datetime]
    """When the browser was last heard of."""
    ended: Mapped[datetime | None]
    how: Mapped[str | None] = mapped_column(String(20))
    """`signed_out`, `tab_gone`, `silent` or `by_supervisor`."""


class StateRow(Base):
    """One state of one agent, from then until then. The present one has no end."""

    __tablename__ = "agent_states"
    __table_args__ = (
        Index("uq_agent_states_now", "user_id", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),
        Index("ix_agent_states_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey(AgentSession.id))
    state: Mapped[State] = mapped_column(words(State, 10))
    reason_id: Mapped[int | None] = mapped_column(ForeignKey(PauseReason.id))
    contact_id: Mapped[int | None]
    """The call that it is about."""
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    who: Mapped[str] = mapped_column(String(120))
    """Who made it so: the agent, `line`, or a supervisor."""


class Contact(Base):
    """One call as it was offered to one agent. Personal columns are emptied when their time is up."""

    __tablename__ = "agent_contacts"
    __table_args__ = (Index("ix_agent_contacts_user_id_rang", "user_id", "rang"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leg: Mapped[str] = mapped_column(String(80), unique=True)
    """Asterisk's id of the agent's own channel."""
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    session_id: Mapped[int | None] = mapped_column(ForeignKey(AgentSession.id))
    queue: Mapped[str] = mapped_column(String(60))
    caller: Mapped[str] = mapped_column(String(80), index=True)
    """Asterisk's id of the caller's channel: what the caller did before is found by it."""
    number: Mapped[str | None] = mapped_column(Protected)
    """Personal: E.164."""
    number_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """Personal."""
    area_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    waited: Mapped[float]
    """Seconds in the queue before it rang."""
    rang: Mapped[datetime] = mapped_column(index=True)
    answered: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    wrapped: Mapped[datetime | None]
    """When its result was written down."""
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome, 12))
    result_id: Mapped[int | None] = mapped_column(ForeignKey(CallResult.id))
    passed_to: Mapped[str | None] = mapped_column(String(120))
    ticket_number: Mapped[str | None] = mapped_column(String(20))
    call_back_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the agent promised to call back."""
    called_back: Mapped[datetime | None]
    """When somebody did, and whatever came of it."""
    called_back_by: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(Protected)
    """Personal: what the agent wrote down."""


class QueueVisit(Base):
    """One caller's stay in a queue, answered or not: the service level is told from these."""

    __tablename__ = "agent_queue_visits"
    __table_args__ = (Index("ix_agent_queue_visits_left", "left_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(String(80), unique=True)
    joined: Mapped[datetime]
    left_at: Mapped[datetime]
    """When somebody answered, or the caller gave up."""
    answered: Mapped[bool]
    waited: Mapped[float]
    """Seconds."""


class CallRecording(Base):
    """A call of an agent that was recorded on a supervisor's request. Removed when its time is up."""

    __tablename__ = "agent_recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey(Contact.id), index=True)
    asked_by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(index=True)
    stored: Mapped[str | None] = mapped_column(String(120))
    """File name within the folder of agents' calls; None once it was removed."""
    removed: Mapped[datetime | None]
