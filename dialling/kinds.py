"""The words for a call to a citizen: why, how far it is, how it ended and what was learnt."""

from enum import StrEnum
from typing import Literal

Language = Literal["tr", "en"]


class Why(StrEnum):
    """What the call is about; `subject` says which one."""

    ticket_check = "ticket_check"
    """Is the reported fault mended? Subject: the ticket's number."""
    restoration = "restoration"
    """Is the water back? Subject: the outage."""
    planned_notice = "planned_notice"
    """Work is coming. Subject: the outage."""
    queue_callback = "queue_callback"
    """The caller kept a place in the queue instead of holding. Subject: the call."""


class State(StrEnum):
    """waiting → claimed → dialling → answered → done, or waiting again, or given up, or opted out."""

    behind = "behind"
    """Another call to this number comes first."""
    waiting = "waiting"
    claimed = "claimed"
    """A worker means to dial it; when it dies, another takes over. Nothing has rung."""
    dialling = "dialling"
    """Committed before the exchange is told: from here on the telephone may ring."""
    answered = "answered"
    """The conversation runs."""
    done = "done"
    given_up = "given_up"
    opted_out = "opted_out"
    cancelled = "cancelled"


ACTIVE = (State.waiting, State.claimed, State.dialling, State.answered)
"""At most one of a number's calls is in these."""
OPEN = (State.behind, *ACTIVE)
ON_THE_LINE = (State.dialling, State.answered)
PLANNED = (State.behind, State.waiting, State.claimed)
"""Nothing has rung yet: these can still be called off."""


class Outcome(StrEnum):
    """How one attempt ended."""

    busy = "busy"
    no_answer = "no_answer"
    rejected = "rejected"
    failed = "failed"
    machine = "answered_machine"
    person = "answered_person"
    """The conversation went to its end."""
    hung_up = "hung_up"
    """Answered, and hung up before there was a verdict."""
    unknown = "unknown"
    """Whoever placed it died; it may have rung."""


class Verdict(StrEnum):
    """What the citizen said."""

    solved = "solved"
    not_solved = "not_solved"
    restored = "restored"
    still_off = "still_off"
    told = "told"
    """The planned work was announced and heard."""
    wants_person = "wants_person"
    opted_out = "opted_out"
