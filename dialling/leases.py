"""Whose a call is that rings or is talked in: its worker's, as long as that tells that it lives."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import ON_THE_LINE, Outcome
from dialling.models import CallAttempt, OutboundCall

ALIVE_FOR = timedelta(seconds=20)
"""A worker that was not heard of for so long is dead, and others see to its calls."""
BEAT = 5.0
"""Seconds between two times that a worker tells that it lives."""
RINGS_FOR = timedelta(seconds=40)
"""At most."""
REPORTED_WITHIN = timedelta(seconds=20)
"""After the ringing, until nothing more can be expected to be told."""
LONGEST_TALK = timedelta(minutes=10)


def silent_from(attempt: CallAttempt) -> datetime:
    """From when on the telephone surely rings no more, whoever died."""
    return attempt.at + RINGS_FOR + REPORTED_WITHIN


def lease_of(attempt: CallAttempt, now: datetime) -> datetime:
    """Until when the call is its worker's, who lives now; no worker makes it last for ever."""
    longest = attempt.answered + LONGEST_TALK if attempt.answered else silent_from(attempt)
    return min(longest, now + ALIVE_FOR)


async def renew(session: AsyncSession, worker: str, now: datetime) -> int:
    """The worker lives, and so do its calls; how many those are. The caller commits."""
    mine = (OutboundCall.worker == worker, OutboundCall.state.in_(ON_THE_LINE), CallAttempt.outcome.is_(None))
    query = select(OutboundCall, CallAttempt).join(CallAttempt, CallAttempt.outbound_id == OutboundCall.id)
    # what somebody writes at this moment is told of by the next beat
    found = (await session.execute(query.where(*mine).with_for_update(skip_locked=True, of=OutboundCall))).all()
    for call, attempt in found:
        call.lease = lease_of(attempt, now)
    return len(found)


async def may_ring_until(session: AsyncSession, number_hash: str, now: datetime) -> datetime | None:
    """Until when a telephone may still ring for a worker that is dead; None when it does not."""
    left = select(func.max(CallAttempt.at)).where(
        CallAttempt.number_hash == number_hash, *_left_ringing(now, RINGS_FOR + REPORTED_WITHIN)
    )
    latest: datetime | None = await session.scalar(left)
    return latest + RINGS_FOR + REPORTED_WITHIN if latest else None


async def left_ringing(session: AsyncSession, now: datetime) -> int:
    """How many telephones may still ring for workers that are dead: they take lines as well."""
    counted = select(func.count()).select_from(CallAttempt).where(*_left_ringing(now, RINGS_FOR))
    return int(await session.scalar(counted) or 0)


def _left_ringing(now: datetime, within: timedelta) -> tuple[ColumnElement[bool], ...]:
    return CallAttempt.at > now - within, CallAttempt.outcome == Outcome.unknown, CallAttempt.answered.is_(None)
