"""What is done to a subscriber's record: consents, merging, giving out all that is held, forgetting it."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Form, Path, Request, Response

from citizens import export
from citizens.whose import Citizen
from console.office import Office, go
from console.routing import Confidant, Keeper, TheOffice, part
from console.subscribers import SUBSCRIBERS, parts_of, record_page, record_path
from subscribers.consent import Channel, Purpose, Source
from subscribers.errors import SubscriberError
from subscribers.keys import plain_number
from subscribers.service import Subscribers

Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Number = Annotated[str, Form(max_length=40)]
_TYPES = {"json": "application/json", "zip": "application/zip"}

api = part("/subscribers")


@api.post("/{subscriber_id}/consent")
async def consent(
    office: TheOffice,
    person: Confidant,
    subscriber_id: Id,
    channel: Annotated[Channel, Form()],
    purpose: Annotated[Purpose, Form()],
    source: Annotated[Source, Form()],
    given: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    secret = parts_of(office).secrets.callers
    async with office.db.session() as session:
        service = Subscribers(session, office.now, secret)
        known = await service.get(subscriber_id)
        agreed = given == "yes"
        await service.consent(subscriber_id, channel, purpose, given=agreed, source=source, who=person.name)
        await session.commit()
    return go(record_path(known.number), "consent_kept")


@api.post("/{subscriber_id}/merge")
async def merge(
    office: TheOffice, request: Request, person: Confidant, subscriber_id: Id, into: Number = ""
) -> Response:
    """This record is the duplicate; `into` stays."""
    async with office.db.session() as session:
        service = Subscribers(session, office.now, parts_of(office).secrets.callers)
        duplicate = await service.get(subscriber_id)
        try:
            stays = await service.merge(subscriber_id, into.strip(), person.name)
        except SubscriberError as refused:
            await session.rollback()
            wrong = office.said(request, refused, person)
            return await record_page(office, request, person, duplicate.number, 422, wrong=wrong)
        await session.commit()
    return go(record_path(stays.number), "subscribers_merged")


@api.get("/{subscriber_id}/export.{form}")
async def give_out(office: TheOffice, person: Keeper, subscriber_id: Id, form: Literal["json", "zip"]) -> Response:
    """All that is held about the person, for the person."""
    parts = parts_of(office)
    async with office.db.session() as session:
        service = Subscribers(session, office.now, parts.secrets.callers)
        citizen = await _citizen(service, subscriber_id)
        found = await export.held(session, citizen, parts.secrets, service)
        await export.note(session, office.now, person.name, citizen.subject(parts.secrets), found)
        await session.commit()
    made = export.as_json(found) if form == "json" else await asyncio.to_thread(export.as_zip, found, parts.recordings)
    name = f'attachment; filename="kisisel-veriler-{subscriber_id}.{form}"'
    return Response(
        made, media_type=_TYPES[form], headers={"Content-Disposition": name, "Cache-Control": "private, no-store"}
    )


@api.post("/{subscriber_id}/erase")
async def erase(
    office: TheOffice, request: Request, person: Keeper, subscriber_id: Id, number: Number = ""
) -> Response:
    """The number has to be typed once more: nothing of this can be undone."""
    citizen = await _read(office, subscriber_id)
    known = citizen.subscriber
    if known is None or plain_number(number) != plain_number(known.number):
        refused = SubscriberError(
            "Type the subscriber's number to confirm that all is to be erased.",
            "not_confirmed",
            "Silmeyi onaylamak için abone numarasını yazın.",
        )
        told = known.number if known else number
        return await record_page(office, request, person, told, 422, wrong=office.said(request, refused, person))
    done = await parts_of(office).eraser.erase(citizen, person.name)
    return office.page(request, person, "console/subscriber_erased.html", done=asdict(done), back=SUBSCRIBERS)


async def _read(office: Office, subscriber_id: int) -> Citizen:
    async with office.db.reading() as session:
        service = Subscribers(session, office.now, parts_of(office).secrets.callers)
        return await _citizen(service, subscriber_id)


async def _citizen(service: Subscribers, subscriber_id: int) -> Citizen:
    known = await service.get(subscriber_id)
    return Citizen(known.phones, known)
