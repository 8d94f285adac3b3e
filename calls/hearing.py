"""What a caller is doing and hearing right now, read from the journal of a running call."""

from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from calls.journal import Heard, Journal, Outcome


class State(StrEnum):
    """Where in the conversation a caller is."""

    answer = "answer"
    menu = "menu"
    person = "person"
    """Asked for, or in need of one."""
    fault = "fault"
    """Reporting one."""


class Phrase(NamedTuple):
    """What may be shown of a phrase that somebody hears."""

    key: str
    text: str


_NOTICE = "record.notice"
"""Said to those who report as well as to those who are connected: what came before it tells which."""
_ANSWERS = frozenset({"outage", "broadcast", "board", "info"})
_FAULTS = frozenset({"fault", "hazard", "record", "callback", "ticket", "number"})
_OTHERWISE = {
    "area.here": State.answer,
    "area.these": State.answer,
    "area.and_others": State.answer,
    "info.menu": State.menu,
    "info.digital": State.menu,
    "info.after": State.menu,
    "hazard.person": State.person,
    "transfer.connecting": State.person,
    "transfer.unavailable": State.person,
    "error.apology": State.person,
}
_SHOWN = frozenset(
    {"outage", "broadcast", "board", "info", "area", "menu", "mass", "choice", "welcome", "goodbye", "language"}
    | {"offer", "ask", "fault", "hazard", "record", "callback", "ticket", "consent", "transfer", "error"}
)
"""First words of keys whose texts hold nothing of one caller's own."""


def state_of(journal: Journal) -> State:
    if journal.outcome in (Outcome.transferred, Outcome.failed):
        return State.person
    return state_at(_last_but_notice(journal.heard)) if journal.heard else State.menu


def state_at(key: str) -> State:
    """The state of a caller who hears the phrase of this key."""
    key = key.removesuffix(".short")
    word = key.partition(".")[0]
    if key in _OTHERWISE:
        return _OTHERWISE[key]
    if word in _ANSWERS:
        return State.answer
    return State.fault if word in _FAULTS else State.menu


def phrase_of(journal: Journal) -> Phrase | None:
    """The latest phrase; of figures that are read back (a number, a ticket) not even which they are."""
    if not journal.heard:
        return None
    heard = journal.heard[-1]
    word = heard.key.partition(".")[0]
    return Phrase(heard.key, heard.text) if word in _SHOWN else Phrase(word, "")


def _last_but_notice(heard: list[Heard]) -> str:
    if heard[-1].key != _NOTICE:
        return heard[-1].key
    notices = sum(1 for _ in takewhile(lambda h: h.key == _NOTICE, reversed(heard)))
    before = heard[-notices - 1].key if len(heard) > notices else ""
    return before if state_at(before) is State.fault else "transfer.connecting"
