"""Calls that people make by their own telephones, kept for ever beside those of the dialler; and calls put off."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.kinds import OPEN, Outcome, State, Verdict, Why
from dialling.models import CallAttempt, OutboundCall
from dialling.numbers import pseudonym
from dialling.rules import SPACING
from dialling.service import CallBacks, Wanted

WORKER, TRUNK = "person", "own telephone"
TALKED = (Outcome.person, Outcome.hung_up)
SAID = (Verdict.solved, Verdict.not_solved, Verdict.wants_person, Verdict.opted_out)
"""What a citizen may have said to a person who called about a ticket."""


@dataclass(frozen=True, slots=True)
class Made:
    """One call of a person, about something. `number`: E.164."""

    why: Why
    subject: str
    number: str
    who: str
    outcome: Outcome
    verdict: Verdict | None = None
    stars: int | None = None
    language: str = "tr"
    area_id: int | None = None


async def write_down(session: AsyncSession, at: datetime, made: Made, secret: str) -> CallAttempt:
    """Keep the attempt. The dialler leaves the number alone for a while, as after an attempt of its own.

    Raises `contradiction`: who was not talked to has said nothing.
    """
    if made.verdict and made.outcome is not Outcome.person:
        raise DiallingError("Whoever was not talked to has said nothing; choose another outcome.", "contradiction")
    hashed = pseudonym(made.number, secret)
    call = await session.scalar(_latest(made, hashed)) or await _without_dialler(session, at, made, hashed)
    if call.state == State.waiting:
        call.due = max(call.due, at + SPACING[0])
    attempt = CallAttempt(
        outbound_id=call.id,
        token=secrets.token_hex(16),
        number_hash=hashed,
        why=made.why,
        worker=WORKER,
        trunk=TRUNK,
        who=made.who[:120],
        at=at,
        answered=at if made.outcome in TALKED else None,
        ended=at,
        outcome=made.outcome,
        verdict=made.verdict,
        stars=made.stars,
    )
    session.add(attempt)
    await session.flush()
    return attempt


async def call_again(session: AsyncSession, now: Callable[[], datetime], wanted: Wanted, secret: str) -> OutboundCall:
    """Put it on the list for `wanted.due`, or move the call that is there already.

    Raises `not_callable`, and `opted_out` for a number that is called no more.
    """
    call = await CallBacks(session, now, secret).ask(wanted)
    if call.state == State.opted_out:
        raise DiallingError("This number wants no more calls.", "opted_out")
    if call.state in (State.waiting, State.behind):
        call.due = max(wanted.due or now(), now())
    return call


def _latest(made: Made, hashed: str) -> Select[OutboundCall]:
    of_subject = select(OutboundCall).where(OutboundCall.why == made.why, OutboundCall.subject == made.subject)
    of_subject = of_subject.where(OutboundCall.number_hash == hashed)
    # one that is still open comes first
    order = OutboundCall.state.in_(OPEN).desc(), OutboundCall.id.desc()
    return of_subject.order_by(*order).limit(1).with_for_update()


async def _without_dialler(session: AsyncSession, at: datetime, made: Made, hashed: str) -> OutboundCall:
    """What the attempts of people hang on where the dialler was never asked; it is never dialled."""
    call = OutboundCall(
        why=made.why,
        subject=made.subject,
        number=None,
        number_hash=hashed,
        area_id=made.area_id,
        language=made.language,
        priority=0,
        due=at,
        state=State.done,
        attempts=0,
        created=at,
        finished=at,
    )
    session.add(call)
    await session.flush()
    return call
