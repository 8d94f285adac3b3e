"""Emergency broadcasts: written, looked at and listened to, and only then put on air."""

from typing import Annotated, Any

from fastapi import Depends, Form, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.broadcast_draft import Draft, end_of, heard_of, hearers
from console.emergency_page import HERE, show
from console.office import Office, go
from console.routing import Publisher, TheOffice, Viewer, part
from console.seal import holds, seal
from console.spoken import spoken
from outages.errors import OutageError
from outages.text_check import BROADCAST_SECONDS
from people.signin import Person
from prompts.prompt import LANGUAGES

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Sent = Annotated[Draft, Depends(Draft.of_form)]

api = part("/emergencies")


@api.get("")
async def emergencies(office: TheOffice, request: Request, person: Viewer) -> Response:
    return await show(office, request, person)


@api.post("/write")
async def write(office: TheOffice, request: Request, person: Publisher, draft: Sent) -> Response:
    """Back from the confirmation, with all that was typed."""
    return await show(office, request, person, draft=draft)


@api.post("/confirm")
async def confirm(office: TheOffice, request: Request, person: Publisher, draft: Sent) -> Response:
    try:
        draft = draft.ended(office)
        async with office.db.session() as session:  # raises what going on air would raise; nothing is kept
            await _announce(office, session, person, draft)
    except OutageError as refused:
        return await show(office, request, person, 422, draft=draft, wrong=office.said(request, refused, person))
    return await _confirmation(office, request, person, draft)


@api.post("/air")
async def air(
    office: TheOffice, request: Request, person: Publisher, draft: Sent, seal: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Only what its author was shown goes on air."""
    if not holds(seal, person, office.now(), *draft.facts):
        return await confirm(office, request, person, draft)
    async with office.db.session() as session:
        await _announce(office, session, person, draft)
        await session.commit()
    return go(HERE, "broadcast_on")


@api.post("/{broadcast_id}/end")
async def end(office: TheOffice, person: Publisher, broadcast_id: Number) -> Response:
    async with office.db.session() as session:
        await office.outages(session, person).silence(broadcast_id)
        await session.commit()
    return go(HERE, "broadcast_off")


@api.post("/{broadcast_id}/extend")
async def extend(
    office: TheOffice,
    request: Request,
    person: Publisher,
    broadcast_id: Number,
    until: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    try:
        async with office.db.session() as session:
            service = office.outages(session, person)
            await service.change_broadcast(broadcast_id, ends=end_of(until, office))
            await session.commit()
    except OutageError as refused:
        return await show(office, request, person, 422, wrong=office.said(request, refused, person))
    return go(HERE, "broadcast_extended")


async def _announce(office: Office, session: AsyncSession, person: Person, draft: Draft) -> None:
    ends = draft.ends or end_of(draft.until, office)
    service = office.outages(session, person)
    await service.announce(draft.text_tr, ends, text_en=draft.text_en or None, district_id=draft.district_id)


async def _confirmation(office: Office, request: Request, person: Person, draft: Draft) -> Response:
    heard = [
        await spoken(
            office,
            person,
            heard_of(office, draft, language),
            draft.language(language),
            draft.text(language),
            BROADCAST_SECONDS,
        )
        for language in LANGUAGES
    ]
    values: dict[str, Any] = {
        "draft": draft,
        "heard": dict(zip(LANGUAGES, heard, strict=True)),
        "hearers": hearers(office.keeper.board, draft.district_id),
        "may": all(each.fit for each in heard),
        "seal": seal(person, office.now(), *draft.facts),
    }
    return office.page(request, person, "console/broadcast_confirm.html", **values)
