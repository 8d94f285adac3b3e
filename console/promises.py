"""Call-backs that agents promised, on the call-back desk: whoever has called says so."""

from typing import Annotated

from fastapi import Path, Response

from agents.promises import kept
from console.office import go
from console.routing import Operator, TheOffice, part

api = part("/calls-back/promised")


@api.post("/{contact_id}")
async def called(office: TheOffice, person: Operator, contact_id: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    async with office.db.session() as session:
        await kept(session, contact_id, person.name, office.now())
        await session.commit()
    return go("/console/calls-back", "promise_kept")
