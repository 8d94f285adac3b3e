"""What programs of others are told of an outage, in the transaction that changes it. Drafts are never told of."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository
from outages.board import LATELY
from outages.life import Life
from outages.models import Area, Outage
from outbox import service as outbox

PUBLISHED, CHANGED, ENDED, CANCELLED = "outage.published", "outage.changed", "outage.ended", "outage.cancelled"
DOUBTED = "outage.doubted"
"""Several people of one place say that the water is not back although the outage has ended."""
EVENTS = (PUBLISHED, CHANGED, ENDED, CANCELLED, DOUBTED)
PUBLIC_LIVES = (Life.scheduled, Life.active, Life.restored)
_FACTS = ("kind", "cause", "subscribers", "crew", "tanker_points", "announcement_tr", "announcement_en")
_TIMES = ("starts", "expected_end", "actual_end")
PUBLIC_FIELDS = (*_FACTS, *_TIMES, "areas")


async def tell_of(
    session: AsyncSession, now: Callable[[], datetime], outage: Outage, changes: Mapping[str, Any]
) -> None:
    """Post the event that a revision's changes amount to for somebody who sees only what is public."""
    event = event_of(outage, changes, now())
    if event is None or not await outbox.wanted(session, event):
        return
    payload = public_facts(outage, await repository.areas_of(session, [outage]))
    previous = {name: change[0] for name, change in changes.items() if name in PUBLIC_FIELDS and event == CHANGED}
    key = f"outage-{outage.id}-{outage.revision}"
    await outbox.post(session, now, event, payload | {"previous": previous}, key=key)


def event_of(outage: Outage, changes: Mapping[str, Any], now: datetime) -> str | None:
    """None where the public can see no difference."""
    before, after = changes.get("life", (outage.life, outage.life))
    was, is_ = before in PUBLIC_LIVES, after in PUBLIC_LIVES
    if not is_:
        return CANCELLED if was else None
    if not was and after == Life.restored:  # a past outage that was written down late
        return ENDED if outage.actual_end and outage.actual_end > now - LATELY else None
    if not was:
        return PUBLISHED
    if after == Life.restored != before:
        return ENDED
    return CHANGED if any(name in PUBLIC_FIELDS for name in changes) else None


def public_facts(outage: Outage, areas: Mapping[int, Area]) -> dict[str, Any]:
    """As JSON; nothing about who wrote it."""
    times = {name: getattr(outage, name) for name in _TIMES}
    return {
        "id": outage.id,
        "life": str(outage.life),
        **{name: getattr(outage, name) for name in _FACTS},
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "areas": [_place(areas[place.area_id], place.streets, areas) for place in outage.places],
        "demonstration": outage.source == "demo",
        "revision": outage.revision,
        "link": f"/kesinti/{outage.id}",
    }


def _place(area: Area, streets: str | None, areas: Mapping[int, Area]) -> dict[str, Any]:
    district = areas[area.district_id].name if area.district_id else None
    return {"area_id": area.id, "number": area.number, "name": area.name, "district": district, "streets": streets}
