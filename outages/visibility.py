"""What the public may know of outages: what callers hear or heard, without who did it."""

from sqlalchemy import ColumnElement, and_, or_, select

from outages.life import PUBLIC, Life
from outages.models import Outage, OutageRevision


def public() -> ColumnElement[bool]:
    """Outages that callers heard of. One that was cancelled as a draft is none of them."""
    before = OutageRevision.changes[("life", 0)].as_string()
    heard = select(OutageRevision.id).where(
        OutageRevision.outage_id == Outage.id, OutageRevision.what.in_(("cancelled", "undone")), before.in_(PUBLIC)
    )
    return or_(Outage.life.in_((*PUBLIC, Life.restored)), and_(Outage.life == Life.cancelled, heard.exists()))
