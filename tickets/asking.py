"""The citizen has the last word on a ticket. Whoever asks for it is told in the transaction that moves it."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from tickets.history import note_down
from tickets.life import UNASKED, Move, State, after
from tickets.models import Ticket

TO_BE_ASKED = (Move.finish, Move.restored)
SETTLED = (Move.answer, Move.close, Move.reopen, Move.not_reached)


class Asking(Protocol):
    """Has citizens asked. What it keeps is committed with the ticket, or not at all."""

    async def ask(self, session: AsyncSession, ticket: Ticket) -> str | None:
        """The citizen of this ticket is to be asked, once for each round. One word where that cannot be."""

    async def leave(self, session: AsyncSession, ticket: Ticket) -> None:
        """There is nothing to be asked any more."""


async def moved(session: AsyncSession, asking: Asking | None, ticket: Ticket, move: Move, at: datetime) -> None:
    """`asking` is None where only people ask."""
    if asking is None:
        return
    if move in SETTLED:
        await asking.leave(session, ticket)
    elif move in TO_BE_ASKED and ticket.callback_number and ticket.category not in UNASKED:
        await _ask(session, asking, ticket, at)


async def _ask(session: AsyncSession, asking: Asking, ticket: Ticket, at: datetime) -> None:
    """Who cannot be asked this way stays with the people who look after what is done."""
    if why_not := await asking.ask(session, ticket):
        await note_down(session, ticket, at, "system", "call", reason=why_not)
    elif ticket.state is State.done:
        state = after(ticket.state, Move.ask)
        await note_down(session, ticket, at, "system", Move.ask, after=state, reason="by_call")
