"""What a supervisor looks at: who does what since when, who waits, and how many were answered in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.models import AgentSession, Contact, Membership, PauseReason, QueueVisit, StateRow
from agents.states import Outcome, State
from dialling.kinds import Why
from dialling.models import CallAttempt, OutboundCall
from people.models import User

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AtDesk:
    """One agent as they are now."""

    user: User
    state: State
    since: datetime
    signed_in: datetime
    reason: PauseReason | None
    contact: Contact | None
    queues: tuple[str, ...]
    calls: int
    """Answered since the day began."""
    missed: int


@dataclass(frozen=True, slots=True)
class Level:
    """How callers of a span of time were answered who held the line. Who kept their place is counted apart."""

    answered: int
    in_time: int
    abandoned: int
    """Gave up after more than the time that was promised; who goes sooner was not kept waiting."""
    mean_wait: float | None
    kept: int
    """Left the line to be called when their turn comes."""

    @property
    def share(self) -> float | None:
        """Answered in time, of all who wanted to wait; None where nobody did."""
        counted = self.answered + self.abandoned
        return self.in_time / counted if counted else None


async def at_desk(session: AsyncSession, since: datetime) -> Sequence[AtDesk]:
    """Everybody who is signed in at the desk, longest in their state first."""
    query = (
        select(StateRow, User, AgentSession.started, PauseReason, Contact)
        .join(User, User.id == StateRow.user_id)
        .join(AgentSession, AgentSession.id == StateRow.session_id)
        .outerjoin(PauseReason, PauseReason.id == StateRow.reason_id)
        .outerjoin(Contact, Contact.id == StateRow.contact_id)
        .where(StateRow.until.is_(None))
        .order_by(StateRow.at, StateRow.id)
    )
    rows = (await session.execute(query)).all()
    queues = await _queues(session)
    counts = await _counts(session, since)
    return [
        AtDesk(
            user,
            row.state,
            row.at,
            started,
            reason,
            contact,
            tuple(queues.get(user.id, ())),
            *counts.get(user.id, (0, 0)),
        )
        for row, user, started, reason, contact in rows
    ]


async def level(session: AsyncSession, since: datetime, seconds: int) -> Level:
    """Of callers who left the queues since then: by an answer, by giving up, or because they keep their place.

    Whom we called back has not waited for that answer on the line, and is left out.
    """
    held = ~_keeps_place() & ~_was_called_back()
    query = select(
        _count(held & QueueVisit.answered),
        _count(held & QueueVisit.answered & (QueueVisit.waited <= seconds)),
        _count(held & ~QueueVisit.answered & (QueueVisit.waited > seconds)),
        func.avg(case((held & QueueVisit.answered, QueueVisit.waited))),
        _count(_keeps_place()),
    ).where(QueueVisit.left_at >= since)
    answered, soon, abandoned, mean, kept = (await session.execute(query)).one()
    return Level(answered, soon, abandoned, mean, kept)


def _count(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, 1), else_=0)), 0)


def _keeps_place() -> ColumnElement[bool]:
    """The call of this visit is what a kept place is about."""
    kept = select(OutboundCall.id).where(OutboundCall.why == Why.queue_callback)
    return kept.where(OutboundCall.subject == QueueVisit.caller, ~QueueVisit.answered).exists()


def _was_called_back() -> ColumnElement[bool]:
    """Their channel is named by the attempt to call them."""
    rung = select(CallAttempt.id).where(CallAttempt.why == Why.queue_callback)
    return rung.where(CallAttempt.token == QueueVisit.caller).exists()


async def recent(session: AsyncSession, user_id: int, since: datetime, limit: int = 12) -> Sequence[Contact]:
    """An agent's own latest calls."""
    query = select(Contact).where(Contact.user_id == user_id, Contact.rang >= since)
    return (await session.scalars(query.order_by(Contact.rang.desc()).limit(limit))).all()


async def _queues(session: AsyncSession) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for user_id, queue in await session.execute(
        select(Membership.user_id, Membership.queue).order_by(Membership.queue)
    ):
        found.setdefault(user_id, []).append(queue)
    return found


async def _counts(session: AsyncSession, since: datetime) -> dict[int, tuple[int, int]]:
    answered = func.sum(case((Contact.answered.is_not(None), 1), else_=0))
    missed = func.sum(case((Contact.outcome == Outcome.missed, 1), else_=0))
    query = select(Contact.user_id, answered, missed).where(Contact.rang >= since).group_by(Contact.user_id)
    return {user_id: (calls, lost) for user_id, calls, lost in await session.execute(query)}
