"""Who may do what to an outage, and what its state allows: the one place that says so. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outages.board import OutageKind
from outages.life import PUBLIC, Life
from outages.models import Outage, OutageRevision
from outages.review import needs_review
from outages.undoing import UNDO_WITHIN
from people.errors import NotAllowed
from people.roles import Role
from people.signin import Person


class Act(StrEnum):
    write = "write"
    """A draft, new or changed."""
    submit = "submit"
    send_back = "send_back"
    publish = "publish"
    """At once or at a set time; also what was submitted."""
    change = "change"
    """What callers hear already."""
    extend = "extend"
    end = "end"
    cancel = "cancel"
    reopen = "reopen"
    undo = "undo"


_OPERATORS = {Act.write, Act.submit, Act.extend, Act.end, Act.undo}


def role_for(act: Act, kind: OutageKind, life: Life | None = None) -> Role:
    """The lowest role that may; `life` is None for an outage that is not written yet."""
    if act in _OPERATORS or kind == "fault" or (act is Act.cancel and life is Life.draft):
        return Role.operator
    return Role.publisher


def check_allowed(person: Person, act: Act, kinds: Collection[OutageKind], life: Life | None = None) -> None:
    """Raises NotAllowed. `kinds`: what it is, and what it becomes."""
    for kind in kinds:
        needed = role_for(act, kind, life)
        if not person.role.allows(needed):
            raise NotAllowed(f"This needs the role {needed}; yours is {person.role}.")


@dataclass(frozen=True, slots=True)
class Offered:
    """What a page offers to one person for one outage at one moment."""

    acts: frozenset[Act]
    undo_until: datetime | None = None
    second_person: bool = False
    """Somebody else has to let it out."""

    def __contains__(self, act: str) -> bool:
        return act in self.acts


def offered(
    person: Person, outage: Outage, last: OutageRevision, now: datetime, *, review_planned: bool = False
) -> Offered:
    life, kind = outage.life, outage.kind
    acts = {act for act in _possible(outage, now) if person.role.allows(role_for(act, kind, life))}
    if Act.send_back in _possible(outage, now) and outage.submitted_by == person.name:
        acts.add(Act.send_back)
    own = needs_review(kind, review_planned) and person.name in (outage.edited_by, outage.submitted_by)
    if own:
        acts.discard(Act.publish)
    until = last.at + UNDO_WITHIN
    undoable = last.who == person.name and now < until and person.role.allows(Role.operator)
    if undoable and last.what != "undone":
        acts.add(Act.undo)
    return Offered(frozenset(acts), until if Act.undo in acts else None, own)


def _possible(outage: Outage, now: datetime) -> set[Act]:
    if outage.life is Life.draft:
        waiting = outage.submitted_by is not None
        later = {Act.send_back} if waiting or outage.publish_at else {Act.submit}
        return {Act.write, Act.publish, Act.cancel, *later}
    if outage.life in PUBLIC:
        return {Act.change, Act.extend, Act.cancel, *({Act.end} if outage.starts <= now else ())}
    return {Act.change, Act.reopen} if outage.life is Life.restored else set()
