"""What a person decides at the call-back desk, and the call by their own telephone from which they know it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Form, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.call_backs import BY_PERSON, DESK, call_back_page
from console.days import moment
from console.office import Office, go
from console.pulse import WITH_CITIZEN
from console.routing import Operator, TheOffice, part
from dialling import by_hand
from dialling.errors import DiallingError
from dialling.kinds import Outcome, Verdict, Why
from dialling.service import CallBacks, Wanted
from outages.errors import OutageError
from people.signin import Person
from tickets.errors import TicketError
from tickets.handling import Handling
from tickets.life import Move, State
from tickets.models import Ticket

Short = Annotated[str, Form(max_length=60)]


class Decision(StrEnum):
    solved = "solved"
    not_solved = "not_solved"
    not_reached = "not_reached"
    again = "again"
    no_calls = "no_calls"
    only_log = "only_log"
    """The call is written down; nothing is decided."""


SAID = {Decision.solved: Verdict.solved, Decision.not_solved: Verdict.not_solved, Decision.no_calls: Verdict.opted_out}
MOVES = {Decision.solved: Move.close, Decision.not_solved: Move.reopen, Decision.not_reached: Move.not_reached}
REASONS = {Decision.solved: "solved", Decision.not_solved: "not_solved", Decision.not_reached: "calls_in_vain"}


@dataclass(frozen=True, slots=True)
class Decided:
    """As it was typed. `outcome` is empty where nobody was called."""

    decision: Decision
    outcome: str
    stars: str
    note: str
    at: str


api = part("/calls-back")


@api.post("/{number}")
async def decide(
    office: TheOffice,
    request: Request,
    person: Operator,
    number: Annotated[str, Path(max_length=20)],
    decision: Annotated[Decision, Form()],
    outcome: Short = "",
    stars: Short = "",
    note: Annotated[str, Form(max_length=2100)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """The call and the decision are kept together or not at all."""
    given = Decided(decision, outcome, stars, note.strip(), at)
    try:
        async with office.db.session() as session:
            await _Desk(office, session, person).settle(number, given)
            await session.commit()
    except (OutageError, DiallingError) as refused:
        if getattr(refused, "code", "") == "unknown_ticket":
            raise
        said = office.said(request, refused, person)
        return await call_back_page(office, request, person, number, status=422, wrong=said, given=given)
    office.pulse.stale()
    return go(DESK if decision is not Decision.only_log else f"{DESK}/{number}", f"call_back_{decision}")


class _Desk:
    """One decision in one session."""

    def __init__(self, office: Office, session: AsyncSession, person: Person) -> None:
        self._office, self._session, self._person = office, session, person
        self._work: Handling = office.tickets.handling(session, person.name)
        self._secret = office.tickets.secret

    async def settle(self, number: str, given: Decided) -> None:
        ticket = await self._work.get(number, hold=True)
        _check(ticket, given)
        if given.outcome:
            await self._keep_call(ticket, given)
        if given.decision in MOVES:
            await self._move(ticket, given)
        elif given.decision is Decision.again:
            await self._again(ticket, given)
        elif given.decision is Decision.no_calls:
            await self._no_calls(ticket, given)

    async def _keep_call(self, ticket: Ticket, given: Decided) -> None:
        outcome = Outcome(given.outcome)
        verdict = SAID.get(given.decision)
        stars = int(given.stars) if given.stars in "12345" and given.stars else None
        made = by_hand.Made(
            Why.ticket_check,
            ticket.number,
            ticket.callback_number or "",
            self._person.name,
            outcome,
            verdict,
            stars if outcome is Outcome.person else None,
            ticket.language,
            ticket.area_id,
        )
        await by_hand.write_down(self._session, self._office.now(), made, self._secret)
        note = given.note if given.decision is Decision.only_log else None
        await self._work.heard(ticket.number, "call", verdict or outcome, note=note)
        if made.stars:
            await self._work.heard(ticket.number, "rated", f"stars_{made.stars}")

    async def _move(self, ticket: Ticket, given: Decided) -> None:
        move = MOVES[given.decision]
        if move is Move.not_reached and ticket.state is State.unreachable:
            return
        await self._begin_to_ask(ticket, move)
        await self._work.move(ticket.number, move, reason=REASONS[given.decision], note=given.note or None)
        await self._leave_list(ticket)

    async def _begin_to_ask(self, ticket: Ticket, move: Move) -> None:
        """What the field has done is being confirmed before it is closed or given up."""
        if ticket.state is State.done and move is not Move.reopen:
            await self._work.move(ticket.number, Move.ask, reason="by_desk")

    async def _again(self, ticket: Ticket, given: Decided) -> None:
        due = self._when(given.at)
        wanted = Wanted(
            Why.ticket_check,
            ticket.number,
            ticket.callback_number or "",
            language="en" if ticket.language == "en" else "tr",
            area_id=ticket.area_id,
            due=due,
        )
        await by_hand.call_again(self._session, self._office.now, wanted, self._secret)
        if ticket.state in (State.done, State.unreachable):
            await self._work.move(ticket.number, Move.ask, reason="put_off", note=given.note or None)
        else:
            await self._work.heard(ticket.number, "call", "put_off", note=given.note or None)

    async def _no_calls(self, ticket: Ticket, given: Decided) -> None:
        await self._office.steering(self._session, self._person).refuse(ticket.callback_number or "")
        ticket = await self._work.get(ticket.number, hold=True)
        if ticket.state in (State.done, State.confirming):
            await self._begin_to_ask(ticket, Move.not_reached)
            await self._work.move(ticket.number, Move.not_reached, reason="opted_out", note=given.note or None)
        elif given.note:
            await self._work.note(ticket.number, given.note)

    async def _leave_list(self, ticket: Ticket) -> None:
        await CallBacks(self._session, self._office.now, self._secret).cancel(Why.ticket_check, ticket.number)

    def _when(self, typed: str) -> datetime:
        now = self._office.now()
        if not typed:
            return now
        at = moment(typed, self._office.pages.zone)
        if at is None or at < now:
            raise TicketError("Write a time that is still to come.", "bad_moment")
        return at


def _check(ticket: Ticket, given: Decided) -> None:
    """Raises what the citizen's number, the outcome or the missing reason rule out."""
    if given.decision is Decision.not_solved and not given.note:
        raise TicketError("Write what is not solved.", "no_reason_given")
    if given.decision is Decision.again and ticket.state not in WITH_CITIZEN:
        raise TicketError("There is nothing to ask about this ticket now.", "impossible_move")
    if given.outcome and given.outcome not in BY_PERSON:
        raise TicketError("Choose what came of the call.", "no_outcome")
    if given.decision is Decision.only_log and not given.outcome:
        raise TicketError("Choose what came of the call.", "no_outcome")
    if (given.outcome or given.decision is Decision.no_calls) and not ticket.callback_number:
        raise TicketError("This ticket has no number that could be called.", "no_callback_number")
