"""The mass-call mode: short menus for everybody, until a time that somebody says."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response

from callflows.speech import crowded
from callflows.wording import Wording
from console.broadcast_draft import end_of, hearers
from console.emergency_page import HERE, show
from console.office import Office, go
from console.routing import Publisher, TheOffice, part
from console.seal import holds, seal
from console.spoken import spoken
from outages.errors import OutageError
from outages.text_check import BROADCAST_SECONDS
from people.signin import Person
from prompts.prompt import LANGUAGES, Language, Prompt

Until = Annotated[str, Form(max_length=100)]

api = part("/emergencies/mass-call")


@api.post("/write")
async def write(office: TheOffice, request: Request, person: Publisher, until: Until = "") -> Response:
    return await show(office, request, person, mass_until=until)


@api.post("/confirm")
async def confirm(office: TheOffice, request: Request, person: Publisher, until: Until = "") -> Response:
    """What everybody will hear first from then on."""
    try:
        ends = end_of(until, office)
        async with office.db.session() as session:  # raises what switching on would raise; nothing is kept
            await office.outages(session, person).mass_call(True, ends)
    except OutageError as refused:
        said = office.said(request, refused, person)
        return await show(office, request, person, 422, mass_until=until, wrong=said)
    heard = [
        await spoken(office, person, _said(office, language), language, "", BROADCAST_SECONDS) for language in LANGUAGES
    ]
    values: dict[str, Any] = {
        "until": until,
        "ends": ends,
        "heard": dict(zip(LANGUAGES, heard, strict=True)),
        "hearers": hearers(office.keeper.board, None),
        "seal": seal(person, office.now(), "mass call", ends.timestamp()),
    }
    return office.page(request, person, "console/mass_call_confirm.html", **values)


@api.post("/on")
async def on(
    office: TheOffice,
    request: Request,
    person: Publisher,
    until: Until = "",
    ends: Annotated[float, Form(ge=0, le=1e11)] = 0.0,
    seal: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    if not holds(seal, person, office.now(), "mass call", ends):
        return await confirm(office, request, person, until)
    await _switch(office, person, datetime.fromtimestamp(ends, UTC))
    return go(HERE, "mass_call_on")


@api.post("/off")
async def off(office: TheOffice, person: Publisher) -> Response:
    await _switch(office, person, None)
    return go(HERE, "mass_call_off")


async def _switch(office: Office, person: Person, until: datetime | None) -> None:
    async with office.db.session() as session:
        await office.outages(session, person).mass_call(until is not None, until)
        await session.commit()


def _said(office: Office, language: Language) -> list[Prompt]:
    wording = Wording(office.catalogue, language)
    menu = [wording.phrase("menu.mass")]
    return [wording.phrase("welcome.short"), *crowded(office.keeper.board, office.now(), wording), *menu]
