"""Asking for calls to citizens. Nothing here commits: the edge does, so that a ticket is kept with its call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import ACTIVE, OPEN, PLANNED, Language, State, Why
from dialling.models import OptOut, OutboundCall
from dialling.numbers import callable_number, pseudonym

LOCK_DIGITS = 15
"""Of a pseudonym in a lock's number, which has 63 bits."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reason to call a number."""

    why: Why
    subject: str
    number: str
    language: Language = "tr"
    area_id: int | None = None
    due: datetime | None = None
    """Not before; at once when None, as the rules allow."""
    until: datetime | None = None
    priority: int = 0


class CallBacks:
    """Work on the list of calls in one session. `secret`: of pseudonyms of numbers."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], secret: str) -> None:
        self.session = session
        self.now = now
        self._secret = secret

    async def ask(self, wanted: Wanted) -> OutboundCall:
        """Put a call on the list. Asked twice it is one; another reason for the same number waits its turn.

        Raises `not_callable`. Who wants no calls gets a row that says so, and none.
        """
        number = callable_number(wanted.number)
        hashed = pseudonym(number, self._secret)
        await self._alone_with(hashed)
        open_calls = await self._open(hashed)
        # one with a verdict is only on its way to the goodbye: it answered what was asked before
        unsaid = [call for call in open_calls if call.verdict is None]
        same = [call for call in unsaid if (call.why, call.subject) == (wanted.why, wanted.subject)]
        return same[0] if same else await self._add(wanted, number, hashed, open_calls)

    async def cancel(self, why: Why, subject: str) -> int:
        """Call nobody about it any more; how many calls that was. A conversation that runs goes to its end."""
        found = await self.session.scalars(
            select(OutboundCall)
            .where(OutboundCall.why == why, OutboundCall.subject == subject)
            .where(OutboundCall.state.in_(PLANNED))
            .with_for_update()
        )
        calls = list(found)
        for call in calls:
            await finish(self.session, call, State.cancelled, self.now())
        return len(calls)

    async def opt_out(self, number: str, how: str) -> None:
        """The number is not called any more, whatever was planned."""
        await opt_out(self.session, pseudonym(callable_number(number), self._secret), how, self.now())

    async def allow_again(self, number: str) -> bool:
        """The citizen changed their mind; whether the number was on the list."""
        found = await self.session.get(OptOut, pseudonym(callable_number(number), self._secret))
        if found:
            await self.session.delete(found)
        return found is not None

    async def alone_with(self, number: str) -> None:
        """Nobody else asks for calls to this number until the transaction ends."""
        await self._alone_with(pseudonym(callable_number(number), self._secret))

    async def _alone_with(self, hashed: str) -> None:
        """Whoever asks for the same number at this moment waits for our transaction; on SQLite all writers do."""
        if self.session.get_bind().dialect.name == "postgresql":
            await self.session.execute(select(func.pg_advisory_xact_lock(int(hashed[:LOCK_DIGITS], 16))))

    async def _open(self, hashed: str) -> list[OutboundCall]:
        of_number = select(OutboundCall).where(OutboundCall.number_hash == hashed, OutboundCall.state.in_(OPEN))
        return list(await self.session.scalars(of_number.with_for_update()))

    async def _add(self, wanted: Wanted, number: str, hashed: str, open_calls: list[OutboundCall]) -> OutboundCall:
        now = self.now()
        call = OutboundCall(
            why=wanted.why,
            subject=wanted.subject,
            number=number,
            number_hash=hashed,
            area_id=wanted.area_id,
            language=wanted.language,
            priority=wanted.priority,
            due=wanted.due or now,
            until=wanted.until,
            state=await self._state(wanted, hashed, open_calls),
            created=now,
        )
        call.finished = now if call.state == State.opted_out else None
        self.session.add(call)
        await self.session.flush()
        return call

    async def _state(self, wanted: Wanted, hashed: str, open_calls: list[OutboundCall]) -> State:
        if await opted_out(self.session, hashed, wanted.why):
            return State.opted_out
        first = next((call for call in open_calls if call.state in ACTIVE), None)
        if first is None:
            return State.waiting
        if first.state == State.waiting and first.priority < wanted.priority:
            first.state = State.behind
            await self.session.flush()
            return State.waiting
        return State.behind


async def opted_out(session: AsyncSession, number_hash: str, why: str) -> bool:
    """What a caller asked for right now, a call when their turn in the queue comes, is made all the same."""
    return why != Why.queue_callback and await session.get(OptOut, number_hash) is not None


async def opt_out(session: AsyncSession, number_hash: str, how: str, now: datetime) -> list[OutboundCall]:
    """Returns the calls that are not made for it."""
    await session.merge(OptOut(number_hash=number_hash, at=now, how=how))
    planned = await session.scalars(
        select(OutboundCall)
        .where(OutboundCall.number_hash == number_hash, OutboundCall.why != Why.queue_callback)
        .where(OutboundCall.state.in_(PLANNED))
        .with_for_update()
    )
    calls = list(planned)
    for call in calls:
        await finish(session, call, State.opted_out, now)
    return calls


async def finish(session: AsyncSession, call: OutboundCall, state: State, now: datetime) -> None:
    """Settle a call; the next reason to call the same number, if there is one, gets its turn."""
    call.state, call.finished, call.worker, call.lease = state, now, None, None
    await session.flush()
    of_number = select(OutboundCall).where(OutboundCall.number_hash == call.number_hash)
    if await session.scalar(of_number.where(OutboundCall.state.in_(ACTIVE)).limit(1)):
        return
    waiting = of_number.where(OutboundCall.state == State.behind)
    following = await session.scalar(
        waiting.order_by(OutboundCall.priority.desc(), OutboundCall.due, OutboundCall.id).limit(1).with_for_update()
    )
    if following:
        following.state = State.waiting
        await session.flush()
