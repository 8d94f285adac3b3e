"""Callers who kept their place in the queue, on the call-back desk: somebody may call them by hand."""

from typing import Annotated

from fastapi import Path, Response

from console.office import go
from console.routing import Operator, TheOffice, part
from dialling.places import take_by_hand

api = part("/calls-back/places")


@api.post("/{call_id}")
async def taken(office: TheOffice, person: Operator, call_id: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    async with office.db.session() as session:
        await take_by_hand(session, call_id, person.name, office.now())
        await session.commit()
    return go("/console/calls-back", "place_taken")
