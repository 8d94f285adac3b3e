"""What a supervisor looks at: who does what since when, who waits, and how many were answered in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.models import AgentSession, Contact, Membership, PauseReason, QueueVisit, StateRow
from agents.states import Outcome, State
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
    """How callers of a span of time were answered."""

    answered: int
    in_time: int
    abandoned: int
    """Gave up after more than the time that was promised; who goes sooner was not kept waiting."""
    mean_wait: float | None

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
    """Of callers who left the queues since then, by an answer or by giving up."""
    in_time = and_(QueueVisit.answered, QueueVisit.waited <= seconds)
    gave_up = and_(QueueVisit.answered.is_(False), QueueVisit.waited > seconds)
    query = select(
        func.coalesce(func.sum(case((QueueVisit.answered, 1), else_=0)), 0),
        func.coalesce(func.sum(case((in_time, 1), else_=0)), 0),
        func.coalesce(func.sum(case((gave_up, 1), else_=0)), 0),
        func.avg(case((QueueVisit.answered, QueueVisit.waited))),
    ).where(QueueVisit.left_at >= since)
    answered, soon, abandoned, mean = (await session.execute(query)).one()
    return Level(answered, soon, abandoned, mean)


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
