"""One call's way once it is claimed: dialled, answered, settled. The caller of these commits."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.follow_up import About, FollowUp, hold_all, tell
from dialling.kinds import ON_THE_LINE, Language, Outcome, State, Verdict, Why
from dialling.leases import lease_of, may_ring_until, silent_from
from dialling.models import CallAttempt, OutboundCall
from dialling.places import Place, place_of
from dialling.rules import Rules
from dialling.service import finish, opt_out, opted_out

TRY_AGAIN = timedelta(minutes=5)
"""After the exchange did not take a call."""
HOPELESS = (1, 22, 28)
"""Hang-up causes of a number that nobody has: unallocated, changed, not in this form."""

Spoken = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Ring:
    """One attempt that is about to be placed. Its row is committed."""

    token: str
    number: str
    language: Language


@dataclass(frozen=True, slots=True)
class Conversation:
    """What somebody who answered is to be asked."""

    token: str
    about: About
    number: str | None
    language: Language
    place: Place | None = None
    """In the agents' queue."""


class Work:
    """Changes of calls in one session, by the rules."""

    def __init__(self, session: AsyncSession, now: datetime, rules: Rules, follow_up: FollowUp) -> None:
        self._session = session
        self._now = now
        self._rules = rules
        self._follow_up = follow_up

    async def dial(self, call_id: int, worker: str, trunk: str) -> Ring | None:
        """Write down that the number is being dialled now; None when it may not be, or is somebody else's by now."""
        await self._hold(OutboundCall.id == call_id)
        call = await self._session.get(OutboundCall, call_id, with_for_update=True, populate_existing=True)
        mine = call and call.state == State.claimed and call.worker == worker and call.lease and call.lease > self._now
        if call is None or not mine:
            return None
        if call.number is None or await opted_out(self._session, call.number_hash, call.why):
            await finish(self._session, call, State.opted_out, self._now)
            await self._follow_up.opted_out(self._session, _about(call))
            return None
        at = max(self._now, await may_ring_until(self._session, call.number_hash, self._now) or self._now)
        due = self._of(call).due(at, await self._today(call), call.until, now=self._now)
        if due != self._now:
            await self._later(call, due)
            return None
        attempt = CallAttempt(
            outbound_id=call.id,
            token=secrets.token_hex(16),
            number_hash=call.number_hash,
            why=call.why,
            worker=worker,
            trunk=trunk,
            at=self._now,
        )
        self._session.add(attempt)
        call.state, call.attempts = State.dialling, call.attempts + 1
        call.lease = lease_of(attempt, self._now)
        return Ring(attempt.token, call.number, _language(call))

    async def report(self, token: str, outcome: Outcome, cause: int | None) -> None:
        """What the exchange told of an attempt that came to no conversation. The first word counts."""
        attempt, call = await self._found(token)
        if attempt is None or call is None or attempt.answered or attempt.outcome not in (None, Outcome.unknown):
            return
        known_late = attempt.outcome is not None
        attempt.outcome, attempt.cause, attempt.ended = outcome, cause, self._now
        if not known_late:
            await self._go_on(call, attempt)

    async def unplaced(self, token: str) -> None:
        """The exchange did not take it: nothing rang, so it does not count against the citizen's patience."""
        attempt, call = await self._found(token)
        if attempt is None or call is None or attempt.outcome is not None:
            return
        attempt.outcome, attempt.ended = Outcome.failed, self._now
        call.attempts -= 1
        await self._later(call, self._of(call).due(self._now + TRY_AGAIN, 0, call.until, now=self._now))

    async def begin(self, token: str, worker: str | None = None) -> Conversation | None:
        """Somebody answered, and the line is `worker`'s to speak on; None when this is no call, or was before."""
        attempt, call = await self._found(token)
        if attempt is None or call is None or attempt.answered or attempt.outcome not in (None, Outcome.unknown):
            return None
        if call.state not in (State.waiting, State.claimed, State.dialling):
            return None
        attempt.answered = self._now
        self._talks(call, attempt, worker)
        place = await place_of(self._session, call.id)
        return Conversation(token, _about(call), call.number, _language(call), place)

    async def conclude(self, token: str, verdict: Verdict) -> None:
        """Keep what the citizen said, once, and tell whom it concerns."""
        attempt, call = await self._found(token)
        if attempt is None or call is None or attempt.verdict is not None:
            return
        if attempt.outcome == Outcome.unknown and call.state in (State.waiting, State.claimed):
            self._talks(call, attempt, None)  # who holds the conversation seemed dead for a while
        attempt.verdict = call.verdict = verdict
        if verdict is Verdict.opted_out:
            for other in await opt_out(self._session, call.number_hash, "call", self._now):
                if other is not call:
                    await self._follow_up.opted_out(self._session, _about(other))
        await tell(self._follow_up, self._session, _about(call), verdict)

    async def rate(self, token: str, stars: int) -> None:
        attempt, call = await self._found(token)
        if attempt and call and attempt.stars is None:
            attempt.stars = stars
            await self._follow_up.rated(self._session, _about(call), stars)

    async def end(self, token: str, outcome: Outcome, heard: Spoken, keys: Spoken) -> None:
        """The conversation is over."""
        attempt, call = await self._found(token)
        if attempt is None or call is None or attempt.outcome not in (None, Outcome.unknown):
            return
        known_late = attempt.outcome is not None
        attempt.outcome, attempt.ended = outcome, self._now
        attempt.heard = json.dumps(heard, ensure_ascii=False)
        attempt.keys = json.dumps(keys, ensure_ascii=False)
        if not known_late:
            await self._go_on(call, attempt)

    async def sweep(self) -> int:
        """Settle calls of which nothing was heard in time: their worker died, or Asterisk did. How many that was."""
        over = (OutboundCall.state.in_(ON_THE_LINE), OutboundCall.lease <= self._now)
        lost = (await self._session.scalars(select(OutboundCall.id).where(*over).order_by(OutboundCall.id))).all()
        swept = 0
        for call_id in lost:
            await self._hold(OutboundCall.id == call_id)
            query = select(OutboundCall).where(OutboundCall.id == call_id, *over)
            call = await self._session.scalar(query.with_for_update(skip_locked=True))
            if call is None:
                continue  # another worker settles it
            swept += 1
            attempt = await self._session.scalar(_latest(call.id))
            if attempt and await self._is_last_ring(call, attempt):
                call.worker, call.lease = None, silent_from(attempt)
            elif attempt:
                attempt.outcome, attempt.ended = Outcome.unknown, self._now
                await self._go_on(call, attempt)
        return swept

    async def expire(self) -> None:
        """Places that nobody had time for until the day was over: people have to see to them."""
        over = await self._session.scalars(
            select(OutboundCall)
            .where(OutboundCall.why == Why.queue_callback, OutboundCall.until <= self._now)
            .where(OutboundCall.state.in_((State.behind, State.waiting)))
            .with_for_update(skip_locked=True)
        )
        for call in list(over):
            await self._later(call, None)

    async def _is_last_ring(self, call: OutboundCall, attempt: CallAttempt) -> bool:
        """Whether it may still ring and would be given up: then nobody would talk to who answers."""
        if call.state != State.dialling or self._now >= silent_from(attempt):
            return False
        return await self._next(call, attempt) is None

    async def _next(self, call: OutboundCall, attempt: CallAttempt) -> datetime | None:
        today = await self._today(call)
        return self._of(call).next_attempt(attempt.at, call.attempts, today, call.until, now=self._now)

    def _talks(self, call: OutboundCall, attempt: CallAttempt, worker: str | None) -> None:
        attempt.outcome, attempt.ended = None, None
        call.state, call.worker = State.answered, worker
        call.lease = lease_of(attempt, self._now)

    async def _go_on(self, call: OutboundCall, attempt: CallAttempt) -> None:
        if attempt.verdict == Verdict.opted_out:
            await finish(self._session, call, State.opted_out, self._now)
        elif attempt.verdict:
            await finish(self._session, call, State.done, self._now)
        elif not await self._follow_up.tried(self._session, _about(call), Outcome(attempt.outcome or Outcome.unknown)):
            await finish(self._session, call, State.cancelled, self._now)
        elif attempt.cause in HOPELESS:
            await self._later(call, None)
        else:
            await self._later(call, await self._next(call, attempt))

    async def _hold(self, which: ColumnElement[bool]) -> None:
        if number_hash := await self._session.scalar(select(OutboundCall.number_hash).where(which)):
            await hold_all(self._follow_up, self._session, number_hash)

    def _of(self, call: OutboundCall) -> Rules:
        return self._rules.in_turn() if call.why == Why.queue_callback else self._rules

    async def _later(self, call: OutboundCall, due: datetime | None) -> None:
        if due is None:
            await finish(self._session, call, State.given_up, self._now)
            await self._follow_up.unreachable(self._session, _about(call))
        else:
            call.state, call.due, call.worker, call.lease = State.waiting, due, None, None

    async def _today(self, call: OutboundCall) -> int:
        """How often this number was dialled since the citizen's day began."""
        since = self._rules.hours.day_of(self._now)
        counted = select(func.count()).select_from(CallAttempt)
        # what somebody asked for just now is not held against other reasons, nor they against it
        same = CallAttempt.why == call.why if call.why == Why.queue_callback else CallAttempt.why != Why.queue_callback
        rang = or_(CallAttempt.outcome.is_(None), CallAttempt.outcome != Outcome.failed, CallAttempt.cause.is_not(None))
        dialled = counted.where(CallAttempt.number_hash == call.number_hash, CallAttempt.at >= since, rang, same)
        return int(await self._session.scalar(dialled) or 0)

    async def _found(self, token: str) -> tuple[CallAttempt | None, OutboundCall | None]:
        """What it is about is locked first, then the call, everywhere, so that nobody waits for each other."""
        attempt = await self._session.scalar(select(CallAttempt).where(CallAttempt.token == token))
        if attempt is None:
            return None, None
        whose = attempt.outbound_id
        await self._hold(OutboundCall.id == whose)
        call = await self._session.get(OutboundCall, whose, with_for_update=True, populate_existing=True)
        await self._session.refresh(attempt)
        return attempt, call


def _latest(call_id: int) -> Select[CallAttempt]:
    return select(CallAttempt).where(CallAttempt.outbound_id == call_id).order_by(CallAttempt.id.desc()).limit(1)


def _about(call: OutboundCall) -> About:
    return About(Why(call.why), call.subject, call.area_id, call.number_hash)


def _language(call: OutboundCall) -> Language:
    return "en" if call.language == "en" else "tr"
