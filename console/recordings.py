"""Calls that were recorded on a supervisor's request: listened to by supervisors, each time written down."""

from typing import Annotated, Any

from fastapi import Path, Request, Response

from agents.acting import recordings_of
from agents.errors import AgentError
from console.desk_parts import desk_of, shown_number
from console.routing import Supervisor, TheOffice, part
from console.tickets import place_of

api = part("/supervisor/recordings")


@api.get("")
async def recordings(office: TheOffice, request: Request, person: Supervisor) -> Response:
    found = await recordings_of(office.db)
    values: dict[str, Any] = {
        "recordings": found,
        "rules": desk_of(office).rules,
        "place_of": lambda area_id: place_of(office, area_id),
        "number_of": lambda contact: shown_number(person, contact.number),
    }
    return office.page(request, person, "console/recordings.html", **values)


@api.get("/{recording_id}")
async def play(
    office: TheOffice, person: Supervisor, recording_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    keeping = desk_of(office).keeping
    if keeping is None:
        raise AgentError("Nothing is recorded here.", "unknown_recording")
    sound = await keeping.play(recording_id, person.name)
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "no-store"})
