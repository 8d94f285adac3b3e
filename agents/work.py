"""What agents do, written down as it happens. Nothing here commits: the edge does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agents.errors import AgentError
from agents.models import (
    AgentSession,
    AgentsQueueRow,
    CallResult,
    Contact,
    Membership,
    PauseReason,
    QueueVisit,
    StateRow,
)
from agents.states import Outcome, State, check_choice
from tickets.history import checked

LINE = "line"
"""Who changed a state where no person did."""
LONGEST_NOTE = 2000
GIVES_UP_WITHIN = timedelta(seconds=3)
"""Between the reports of the two ends of a call that rang."""
GOES_WITH = timedelta(seconds=5)
"""Between the end of an agent's part in a call and its caller's, when it was that agent whom the caller talked to."""
FARTHEST_PROMISE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ring:
    """A queue lets an agent's telephone ring. `caller` and `leg`: Asterisk's ids of the two channels."""

    user_id: int
    leg: str
    caller: str
    queue: str
    waited: float = 0.0
    number: str | None = None
    number_hash: str | None = None
    area_id: int | None = None
    reason: str | None = None
    language: str = "tr"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What the agent writes down of a call."""

    result_id: int
    call_back_at: datetime | None = None
    note: str = ""
    caller: str | None = None
    """Of which call; of the one that is open where nobody says."""


class AgentWork:
    """One change in one session of the database. `who`: the agent's name, `line`, or a supervisor's."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str = LINE) -> None:
        self.session, self.now, self.who = session, now, who

    async def present(self, user_id: int) -> StateRow | None:
        """What somebody does now; None when they are not at the desk."""
        query = select(StateRow).where(StateRow.user_id == user_id, StateRow.until.is_(None))
        found: StateRow | None = await self.session.scalar(query)
        return found

    async def open_contact(self, user_id: int) -> Contact | None:
        """The call that rings, is talked in or waits for its result."""
        row = await self.present(user_id)
        return await self.session.get(Contact, row.contact_id) if row and row.contact_id else None

    async def queues_of(self, user_id: int) -> Sequence[str]:
        """Those that somebody serves: the first one where nobody has chosen."""
        mine = select(Membership.queue).join(AgentsQueueRow, AgentsQueueRow.name == Membership.queue)
        mine = mine.where(Membership.user_id == user_id, AgentsQueueRow.active).order_by(AgentsQueueRow.position)
        chosen = (await self.session.scalars(mine)).all()
        if chosen:
            return chosen
        first = select(AgentsQueueRow.name).where(AgentsQueueRow.active).order_by(AgentsQueueRow.position).limit(1)
        return (await self.session.scalars(first)).all()

    async def choose(self, user_id: int, wanted: State, reason_id: int | None = None) -> StateRow | None:
        """Ready, paused for a reason, or out. None: they are out now."""
        held = await self._open_session(user_id)
        before = await self.present(user_id)
        check_choice(before.state if before else State.out, wanted)
        if wanted is State.out:
            await self.leave(user_id, "signed_out")
            return None
        await self._check_reason(wanted, reason_id)
        if held is None:
            held = AgentSession(user_id=user_id, started=self.now(), seen=self.now())
            self.session.add(held)
            await self.session.flush()
        reason_id = reason_id if wanted is State.paused else None
        if before and (before.state, before.reason_id) == (wanted, reason_id):
            return before
        return await self._becomes(held, wanted, reason_id=reason_id)

    async def leave(self, user_id: int, how: str) -> Contact | None:
        """Out of the desk, whatever they were doing; the call that they were talking in, if there was one."""
        held = await self._open_session(user_id)
        if held is None:
            return None
        row, contact = await self.present(user_id), await self.open_contact(user_id)
        talking = row is not None and row.state is State.talking
        if contact and contact.ended is None:
            contact.ended = self.now()
            contact.outcome = Outcome.lost if talking else Outcome.missed
        held.ended, held.how = self.now(), how
        await self._close(user_id)
        return contact if talking else None

    async def lost(self, caller: str) -> bool:
        """Their agent's browser has gone in mid-call; False when the agent had left a conversation of three before."""
        query = select(Contact).where(Contact.caller == caller, Contact.answered.is_not(None))
        contact = await self.session.scalar(query.order_by(Contact.id.desc()).limit(1))
        if contact is None:
            return True
        if contact.ended and self.now() - contact.ended > GOES_WITH:
            return False
        contact.outcome = Outcome.lost
        return True

    async def seen(self, user_id: int) -> None:
        """Their browser is there."""
        mine = update(AgentSession).where(AgentSession.user_id == user_id, AgentSession.ended.is_(None))
        await self.session.execute(mine.values(seen=self.now()))

    async def last_seen(self, user_id: int) -> datetime | None:
        """None for who is not at the desk."""
        query = select(AgentSession.seen).where(AgentSession.user_id == user_id, AgentSession.ended.is_(None))
        found: datetime | None = await self.session.scalar(query)
        return found

    async def silent(self, longer_than: timedelta) -> Sequence[int]:
        """Who is at the desk but has not been heard of."""
        before = self.now() - longer_than
        query = select(AgentSession.user_id).where(AgentSession.ended.is_(None), AgentSession.seen < before)
        return (await self.session.scalars(query)).all()

    async def rings(self, ring: Ring) -> Contact:
        """Told twice it is one contact."""
        known = await self._contact(ring.leg)
        if known:
            return known
        held = await self._open_session(ring.user_id)
        given = {name: getattr(ring, name) for name in Ring.__dataclass_fields__}
        contact = Contact(session_id=held.id if held else None, rang=self.now(), **given)
        self.session.add(contact)
        await self.session.flush()
        row = await self.present(ring.user_id)
        if held and row and row.state in (State.ready, State.ringing):
            await self._becomes(held, State.ringing, contact_id=contact.id)
        return contact

    async def answered(self, leg: str) -> Contact | None:
        """None for a call that is not known, or is over already: reports may overtake each other."""
        contact = await self._contact(leg)
        if contact is None or contact.answered or contact.ended:
            return None
        contact.answered = self.now()
        if held := await self._open_session(contact.user_id):
            await self._becomes(held, State.talking, contact_id=contact.id)
        return contact

    async def ended(self, leg: str, *, abandoned: bool = False) -> Contact | None:
        """The agent's end of the call is over; None where that is known already."""
        contact = await self._contact(leg)
        if contact is None or contact.ended:
            return None
        contact.ended = self.now()
        if contact.outcome is None:
            contact.outcome = Outcome.done if contact.answered else Outcome.abandoned if abandoned else Outcome.missed
        held, row = await self._open_session(contact.user_id), await self.present(contact.user_id)
        if held and row and row.contact_id == contact.id:
            waits = contact.answered is not None and contact.result_id is None
            after = State.wrap_up if waits else State.ready
            await self._becomes(held, after, contact_id=contact.id if waits else None)
        return contact

    async def waited(self, caller: str, joined: datetime, *, answered: bool) -> None:
        """A caller who waits no longer. Who gave up while it rang was not missed by the agent."""
        at = self.now()
        known = await self.session.scalar(select(QueueVisit.id).where(QueueVisit.caller == caller))
        if known is None:
            visit = QueueVisit(caller=caller, joined=joined, left_at=at, answered=answered)
            visit.waited = (at - joined).total_seconds()
            self.session.add(visit)
        if not answered:
            rang = update(Contact).where(Contact.caller == caller, Contact.answered.is_(None))
            just_now = (Contact.outcome == Outcome.missed, Contact.ended >= at - GIVES_UP_WITHIN)
            await self.session.execute(rang.where(*just_now).values(outcome=Outcome.abandoned))

    async def talking(self, user_id: int, caller: str) -> Contact:
        """The call with this caller, which the agent has to be talking in."""
        row, contact = await self.present(user_id), await self.open_contact(user_id)
        if row is None or row.state is not State.talking or contact is None or contact.caller != caller:
            raise AgentError("You are not in a call with this caller.", "not_talking")
        return contact

    async def passed_on(self, leg: str, to: str) -> None:
        """The caller goes on to somebody else; the agent's end of the call is over in a moment."""
        contact = await self._contact(leg)
        if contact:
            contact.outcome, contact.passed_to = Outcome.transferred, to

    async def wrap_up(self, user_id: int, wrapped: Wrapped) -> Contact:
        """The call's result, which lets the next one come. While it is still talked in, it counts from its end."""
        held, row = await self._open_session(user_id), await self.present(user_id)
        contact = await self.open_contact(user_id)
        other = contact is not None and wrapped.caller not in (None, contact.caller)
        if held is None or row is None or contact is None or contact.answered is None or other:
            raise AgentError("There is no call whose result is to be written down.", "no_call")
        result = await self.session.get(CallResult, wrapped.result_id)
        if result is None or not result.active:
            raise AgentError("Choose a result from the list.", "no_result")
        contact.call_back_at = self._promise(wrapped.call_back_at) if result.call_back else None
        contact.result_id, contact.wrapped = result.id, self.now()
        contact.note = checked(wrapped.note, "note", LONGEST_NOTE)
        if row.state is State.wrap_up:
            await self._becomes(held, State.ready)
        return contact

    def _promise(self, at: datetime | None) -> datetime:
        if at is None or not self.now() - timedelta(minutes=1) <= at <= self.now() + FARTHEST_PROMISE:
            raise AgentError("Say when to call back: within the next 30 days.", "bad_promise")
        return at

    async def _check_reason(self, wanted: State, reason_id: int | None) -> None:
        if wanted is not State.paused:
            return
        reason = await self.session.get(PauseReason, reason_id) if reason_id else None
        if reason is None or not reason.active:
            raise AgentError("Choose why you pause.", "no_reason")

    async def _contact(self, leg: str) -> Contact | None:
        found: Contact | None = await self.session.scalar(
            select(Contact).where(Contact.leg == leg).with_for_update().execution_options(populate_existing=True)
        )
        return found

    async def _open_session(self, user_id: int) -> AgentSession | None:
        """Held, so that a call's end and a click are taken one after the other."""
        query = select(AgentSession).where(AgentSession.user_id == user_id, AgentSession.ended.is_(None))
        found: AgentSession | None = await self.session.scalar(query.with_for_update())
        return found

    async def _becomes(
        self, held: AgentSession, state: State, *, reason_id: int | None = None, contact_id: int | None = None
    ) -> StateRow:
        await self._close(held.user_id)
        row = StateRow(user_id=held.user_id, session_id=held.id, state=state, reason_id=reason_id, at=self.now())
        row.contact_id, row.who = contact_id, self.who
        self.session.add(row)
        await self.session.flush()
        return row

    async def _close(self, user_id: int) -> None:
        now = update(StateRow).where(StateRow.user_id == user_id, StateRow.until.is_(None))
        await self.session.execute(now.values(until=self.now()))
