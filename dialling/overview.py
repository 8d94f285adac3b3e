"""What the dialler does and has done, for those who look after it. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import OPEN, Outcome, State, Why
from dialling.models import CallAttempt, OptOut, OutboundCall

MOST = 200
Attempt = tuple[CallAttempt, OutboundCall]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Attempts to be found. What is given has to fit."""

    number_hash: str = ""
    why: Why | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Continue below this id."""


async def on_the_list(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    """How many calls ring, are talked in, are due, come later, and wait behind another."""
    due = and_(OutboundCall.state.in_((State.waiting, State.claimed)), OutboundCall.due <= now)
    kind = case(
        (OutboundCall.state == State.dialling, "ringing"),
        (OutboundCall.state == State.answered, "talking"),
        (due, "waiting_now"),
        (OutboundCall.state == State.behind, "behind"),
        else_="waiting_later",
    )
    open_ = OutboundCall.state.in_(OPEN)
    kinds = select(kind.label("kind")).where(open_).subquery()
    counted = await session.execute(select(kinds.c.kind, func.count()).group_by(kinds.c.kind))
    numbers = {str(name): int(number) for name, number in counted}
    return {name: numbers.get(name, 0) for name in ("ringing", "talking", "waiting_now", "waiting_later", "behind")}


async def counts(session: AsyncSession, since: datetime) -> dict[str, dict[str, int]]:
    """Attempts since then, by reason and outcome; `""` is what still runs."""
    query = select(CallAttempt.why, CallAttempt.outcome, func.count()).where(CallAttempt.at >= since)
    found: dict[str, dict[str, int]] = {}
    for why, outcome, number in await session.execute(query.group_by(CallAttempt.why, CallAttempt.outcome)):
        found.setdefault(why, {})[outcome or ""] = number
    return found


async def attempts(session: AsyncSession, wanted: Wanted, limit: int) -> Sequence[Attempt]:
    """The newest first, each with the call that it belongs to."""
    query = select(CallAttempt, OutboundCall).join(OutboundCall, OutboundCall.id == CallAttempt.outbound_id)
    query = query.where(*_conditions(wanted)).order_by(CallAttempt.id.desc()).limit(min(limit, MOST))
    return [(attempt, call) for attempt, call in await session.execute(query)]


async def running(session: AsyncSession) -> Sequence[Attempt]:
    query = select(CallAttempt, OutboundCall).join(OutboundCall, OutboundCall.id == CallAttempt.outbound_id)
    on_the_line = OutboundCall.state.in_((State.dialling, State.answered))
    query = query.where(on_the_line, CallAttempt.outcome.is_(None)).order_by(CallAttempt.id).limit(MOST)
    return [(attempt, call) for attempt, call in await session.execute(query)]


async def opt_outs(session: AsyncSession, number_hash: str, limit: int) -> Sequence[OptOut]:
    """The newest first; one alone where a number is looked for."""
    query = select(OptOut).order_by(OptOut.at.desc(), OptOut.number_hash).limit(limit)
    return (await session.scalars(query.where(OptOut.number_hash == number_hash) if number_hash else query)).all()


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = []
    if wanted.number_hash:
        given.append(CallAttempt.number_hash == wanted.number_hash)
    if wanted.why:
        given.append(CallAttempt.why == wanted.why)
    if wanted.outcome:
        given.append(CallAttempt.outcome == wanted.outcome)
    if wanted.since:
        given.append(CallAttempt.at >= wanted.since)
    if wanted.until:
        given.append(CallAttempt.at < wanted.until)
    if wanted.before:
        given.append(CallAttempt.id < wanted.before)
    return given
