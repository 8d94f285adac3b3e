"""No path through a ticket's life loses it, and what cannot be is refused by name."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tickets.errors import TicketError
from tickets.kinds import Category, Urgency
from tickets.life import FINAL, MOVES, UNASKED, Move, State, after, possible

categories = some.sampled_from(list(Category))


def walk(category: str, wishes: list[int]) -> list[State]:
    """A life in which each wish picks one of the moves that are open."""
    states = [State.new]
    for wish in wishes:
        moves = possible(states[-1], category=category)
        states.append(after(states[-1], moves[wish % len(moves)], category=category))
    return states


def reached(state: State, category: str) -> set[State]:
    """Everything that can still become of a ticket."""
    seen, ahead = {state}, [state]
    while ahead:
        here = ahead.pop()
        for move in possible(here, category=category):
            if (there := after(here, move, category=category)) not in seen:
                seen.add(there)
                ahead.append(there)
    return seen


@given(categories, some.lists(some.integers(0, 20), max_size=40))
def test_from_wherever_a_ticket_is_it_can_still_be_closed_and_reopened(category: str, wishes: list[int]) -> None:
    for state in walk(category, wishes):
        assert State.closed in reached(state, category)
        assert State.reopened in reached(state, category)


@given(categories, some.lists(some.integers(0, 20), max_size=40))
def test_nobody_is_closed_unasked(category: str, wishes: list[int]) -> None:
    states = walk(category, wishes)
    for before, state in pairwise(states):
        if state is State.closed and category not in UNASKED:
            assert before in (State.confirming, State.unreachable)


@given(some.sampled_from(State), some.sampled_from(Move), categories)
def test_exactly_the_offered_moves_are_possible(state: State, move: Move, category: str) -> None:
    if move in possible(state, category=category):
        assert after(state, move, category=category) is MOVES[move][1]
        return
    with pytest.raises(TicketError) as refused:
        after(state, move, category=category)
    assert refused.value.code in ("impossible_move", "must_ask")


@given(some.sampled_from(State), some.sampled_from(Move), categories)
def test_a_merged_ticket_stands_still(state: State, move: Move, category: str) -> None:
    assert possible(state, merged=True, category=category) == []
    with pytest.raises(TicketError) as refused:
        after(state, move, merged=True, category=category)
    assert refused.value.code == "merged"


def test_every_state_has_a_way_in_and_out() -> None:
    targets = {target for _, target in MOVES.values()}
    assert targets == set(State) - {State.new}
    for state in State:
        assert possible(state, category=Category.leak), state
    assert set(FINAL) == {State.closed}


def test_urgency_rises_step_by_step_but_never_becomes_a_hazard_by_itself() -> None:
    assert [urgency.raised for urgency in Urgency] == ["hazard", "urgent", "urgent", "normal"]
