"""What an agent may be doing, and what they may do next. Pure: no database, no clock."""

from enum import StrEnum

from agents.errors import AgentError


class State(StrEnum):
    out = "out"
    """Signed out of the desk."""
    ready = "ready"
    ringing = "ringing"
    talking = "talking"
    wrap_up = "wrap_up"
    """The call is over and its result is not written down yet."""
    paused = "paused"


class Outcome(StrEnum):
    """How a call that was offered to an agent went on."""

    missed = "missed"
    """It rang, and they did not answer."""
    abandoned = "abandoned"
    """The caller gave up while it rang."""
    done = "done"
    transferred = "transferred"
    lost = "lost"
    """The agent's browser went away; the caller is first in line again."""


FREE = (State.ready, State.paused)
"""What an agent chooses by themselves."""
_FROM: dict[State, tuple[State, ...]] = {
    State.ready: (State.out, State.ready, State.paused, State.wrap_up),
    State.paused: (State.out, State.ready, State.paused, State.wrap_up),
    State.out: (State.out, State.ready, State.paused, State.wrap_up),
}


def check_choice(now: State, wanted: State) -> None:
    """Raises where somebody in this state cannot choose that one."""
    if now is State.wrap_up and wanted is not State.out:
        raise AgentError("Write down the result of the last call first.", "result_first")
    if now not in _FROM[wanted]:
        raise AgentError("End the call first.", "in_a_call")
