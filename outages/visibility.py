"""What the public may know of outages: what callers hear or heard, without who did it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select

from outages.life import PUBLIC, Life
from outages.models import Outage, OutageRevision


def public(lives: Collection[Life] = ()) -> ColumnElement[bool]:
    """Outages that callers heard of; with `lives` only those that are so for the public.

    One that was cancelled as a draft is none of them. One that was taken back from the air to be a draft again counts
    as cancelled, as in the feeds, until something else is written into it.
    """
    before = OutageRevision.changes[("life", 0)].as_string()
    mine = select(OutageRevision.id).where(OutageRevision.outage_id == Outage.id, before.in_(PUBLIC))
    called_off = mine.where(OutageRevision.what.in_(("cancelled", "undone"))).exists()
    taken_back = mine.where(OutageRevision.number == Outage.revision).exists()
    gone = or_(and_(Outage.life == Life.cancelled, called_off), and_(Outage.life == Life.draft, taken_back))
    heard = [life for life in (*PUBLIC, Life.restored) if life in lives or not lives]
    held = Outage.life.in_(heard)
    return or_(held, gone) if Life.cancelled in lives or not lives else held


def public_life(life: Life) -> Life:
    """What is no longer on air is over for the public."""
    return Life.cancelled if life is Life.draft else life
