"""Places whose people say that the water is not back: a new draft, or looked into."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Response

from console.office import Office, go
from console.routing import Operator, TheOffice, part
from notices.doubts import open_doubts, settle
from notices.models import Doubt
from outages.life import OutageFacts
from outages.models import Outage
from outages.schemas import MOST_ID
from outages.service import OutageService

DoubtId = Annotated[int, Form(ge=1, le=MOST_ID)]

api = part("/doubts")


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubt as the board shows it."""

    doubt: Doubt
    name: str
    district: str | None


async def doubted(office: Office) -> Sequence[Doubted]:
    async with office.db.reading() as session:
        found = await open_doubts(session)
    board = office.keeper.board
    shown = []
    for doubt in found:
        area = board.area(doubt.area_id)
        district = board.district_of(area).name if area and area.district_id is not None else None
        shown.append(Doubted(doubt, area.name if area else str(doubt.area_id), district))
    return shown


@api.post("/draft")
async def draft(office: TheOffice, person: Operator, doubt_id: DoubtId) -> Response:
    """One click: the place as a draft, off since the outage that was thought to be over; a person publishes it."""
    async with office.db.session() as session:
        doubt = await settle(session, doubt_id, person.name, office.now())
        before = await session.get(Outage, doubt.outage_id)
        streets = next((p.streets for p in before.places if p.area_id == doubt.area_id), None) if before else None
        starts = (before.actual_end if before else None) or doubt.since
        facts = OutageFacts("fault", before.cause if before else "unknown", {doubt.area_id: streets}, starts)
        reason = f"{doubt.people} people said that the water was not back after outage {doubt.outage_id}"
        outage = await OutageService(session, office.now, person.name).create(facts, draft=True, reason=reason)
        await session.commit()
    return go(f"/console/outages/{outage.id}/edit", "draft_doubted")


@api.post("/settle")
async def looked_into(office: TheOffice, person: Operator, doubt_id: DoubtId) -> Response:
    """The water is there, or somebody is on the way."""
    async with office.db.session() as session:
        await settle(session, doubt_id, person.name, office.now())
        await session.commit()
    return go("/console", "doubt_settled")
