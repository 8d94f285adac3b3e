"""The page of emergencies: what is on air, what may be put on it, and what was."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response
from sqlalchemy import select

from console.broadcast_draft import Draft, heard_of
from console.office import Office
from console.spoken import sound_of
from outages.models import Broadcast
from people import audit
from people.models import AuditEntry
from people.signin import Person

HERE = "/console/emergencies"
HISTORY = 50
MASS_CALL = "mass-call"
"""The audit log's subject of the switch."""


async def show(
    office: Office,
    request: Request,
    person: Person,
    status: int = 200,
    *,
    draft: Draft | None = None,
    mass_until: str = "",
    wrong: str | None = None,
) -> Response:
    async with office.db.reading() as session:
        query = select(Broadcast).order_by(Broadcast.id.desc()).limit(HISTORY)
        found: Sequence[Broadcast] = (await session.scalars(query)).all()
        switched: Sequence[AuditEntry] = await audit.entries(session, subject=MASS_CALL, limit=HISTORY)
    board, now = office.keeper.board, office.now()
    values: dict[str, Any] = {
        "on_air": [each for each in found if each.ends > now],
        "sounds": {each.id: _sound(office, person, each) for each in found if each.ends > now},
        "over": [each for each in found if each.ends <= now],
        "switched": switched,
        "areas": board.areas,
        "districts": board.districts,
        "draft": draft or Draft(),
        "mass_until": mass_until,
        "wrong": wrong,
    }
    return office.page(request, person, "console/emergencies.html", status=status, **values)


def _sound(office: Office, person: Person, held: Broadcast) -> str:
    return sound_of(office, person, heard_of(office, Draft(held.text_tr, held.text_en or ""), "tr"))
