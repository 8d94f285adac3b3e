"""What people and programs may do."""

from enum import StrEnum


class Role(StrEnum):
    """Each role may do what those before it may."""

    viewer = "viewer"
    """Reads."""
    operator = "operator"
    """Writes drafts, extends and ends faults, imports."""
    publisher = "publisher"
    """Publishes planned work, broadcasts, the mass-call mode, pages of the phone menu."""
    administrator = "administrator"
    """People, API keys, webhooks, settings."""

    def allows(self, other: "Role") -> bool:
        """Whether somebody of this role may do what `other` may."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = list(Role)


class Duty(StrEnum):
    """Work beside the ladder of roles, given to single people: no role brings it."""

    desk = "desk"
    """Takes citizens' calls at the agents' desk."""
    supervisor = "supervisor"
    """Sees what agents do, moves them between queues, listens to calls and records them."""
    personal = "personal"
    """Sees who subscribers are: their record, telephones, time line. Each look is kept in the audit log."""


class Scope(StrEnum):
    """What a program's API key may be used for; none includes another."""

    read = "read"
    """Also what the public may not see: drafts, revisions, who did what."""
    outages = "outages"
    broadcasts = "broadcasts"
    """Broadcasts and the mass-call mode."""
    webhooks = "webhooks"
    people = "people"
    tickets = "tickets"
    """What citizens reported, with their numbers."""
