"""The life of a ticket, and what is impossible in it. Pure: no database, no clock."""

from enum import StrEnum

from tickets.errors import TicketError


class State(StrEnum):
    new = "new"
    sent = "sent"
    """The unit was told."""
    accepted = "accepted"
    on_the_way = "on_the_way"
    on_site = "on_site"
    done = "done"
    """The field says so; the citizen has not been asked."""
    confirming = "confirming"
    closed = "closed"
    reopened = "reopened"
    unreachable = "unreachable"
    """The citizen could not be asked."""


class Move(StrEnum):
    send = "send"
    accept = "accept"
    hand_on = "hand_on"
    """To another unit."""
    set_out = "set_out"
    arrive = "arrive"
    finish = "finish"
    ask = "ask"
    """Begin to ask the citizen."""
    restored = "restored"
    """The outage that it was attached to is over."""
    answer = "answer"
    """Closed without work or question: information and thanks."""
    close = "close"
    reopen = "reopen"
    not_reached = "not_reached"


S = State
_BEFORE_WORK = (S.new, S.sent, S.accepted, S.reopened)
_OPEN = (*_BEFORE_WORK, S.on_the_way, S.on_site)
MOVES: dict[Move, tuple[tuple[State, ...], State]] = {
    Move.send: ((S.new, S.reopened), S.sent),
    Move.accept: ((S.sent,), S.accepted),
    Move.hand_on: (_OPEN, S.sent),
    Move.set_out: ((S.accepted,), S.on_the_way),
    Move.arrive: ((S.accepted, S.on_the_way), S.on_site),
    Move.finish: ((S.accepted, S.on_the_way, S.on_site), S.done),
    Move.ask: ((S.done, S.unreachable), S.confirming),
    Move.restored: (_OPEN, S.confirming),
    Move.answer: ((*_BEFORE_WORK, S.done), S.closed),
    Move.close: ((S.confirming, S.unreachable), S.closed),
    Move.reopen: ((S.done, S.confirming, S.unreachable, S.closed), S.reopened),
    Move.not_reached: ((S.confirming,), S.unreachable),
}
"""From where each move leads where."""
OPEN = _OPEN
"""Work is still to be done."""
FINAL = (S.closed,)
FIELD_MOVES = (Move.accept, Move.set_out, Move.arrive, Move.finish)
"""What a unit does itself."""
UNASKED = ("thanks", "information")
"""Categories that nobody is called back for."""


def after(state: State, move: Move, *, merged: bool = False, category: str = "") -> State:
    """Where the move leads; `TicketError` where it is impossible."""
    if merged:
        raise TicketError("This ticket is part of another one; take it out of there first.", "merged")
    sources, target = MOVES[move]
    if move is Move.answer and category not in UNASKED:
        raise TicketError("Only information and thanks are closed without asking the citizen.", "must_ask")
    if state not in sources:
        raise TicketError(f"A ticket that is {state} cannot {move.replace('_', ' ')}.", "impossible_move")
    return target


def possible(state: State, *, merged: bool = False, category: str = "") -> list[Move]:
    """The moves that are open to a ticket now."""
    if merged:
        return []
    return [move for move, (sources, _) in MOVES.items() if state in sources and _fits(move, category)]


def _fits(move: Move, category: str) -> bool:
    return move is not Move.answer or category in UNASKED
