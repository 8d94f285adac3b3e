"""What reaches every caller at once: broadcasts and the mass-call switch."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from outages import repository, schemas
from outages.desk_schemas import BroadcastChange, MassCallIn, MassCallOut
from outages.routes.common import Now, plain_router, working
from outages.service import OutageService
from people import access
from people.roles import Scope
from storage.database import Database


def announcing_routes(db: Database, now: Now) -> APIRouter:
    api = plain_router("broadcasts")
    works = working(db, now, Scope.broadcasts, review_planned=False)
    Service = Annotated[OutageService, Depends(works)]
    Insider = Annotated[bool, Depends(access.insider(db, now))]

    @api.get("/broadcasts", openapi_extra=access.KEY_IS_OPTIONAL)
    async def list_broadcasts(insider: Insider) -> list[schemas.BroadcastOut]:
        """Announcements that are played now."""
        async with db.reading() as session:
            playing = (await repository.alerts(session, now())).broadcasts
        told = [schemas.BroadcastOut.model_validate(broadcast) for broadcast in playing]
        return told if insider else [broadcast.model_copy(update={"who": None}) for broadcast in told]

    @api.post("/broadcasts", status_code=201)
    async def announce(body: schemas.BroadcastIn, service: Service) -> schemas.BroadcastOut:
        """Play a text before everything until it ends."""
        broadcast = await service.announce(body.text_tr, body.ends, text_en=body.text_en, district_id=body.district_id)
        await service.session.commit()
        return schemas.BroadcastOut.model_validate(broadcast)

    @api.patch("/broadcasts/{broadcast_id}")
    async def change_broadcast(
        broadcast_id: schemas.Id, body: BroadcastChange, service: Service
    ) -> schemas.BroadcastOut:
        """Other words, another district or another end."""
        broadcast = await service.change_broadcast(broadcast_id, **body.model_dump(exclude_unset=True))
        await service.session.commit()
        return schemas.BroadcastOut.model_validate(broadcast)

    @api.post("/broadcasts/{broadcast_id}/end")
    async def end_broadcast(broadcast_id: schemas.Id, service: Service) -> schemas.BroadcastOut:
        """Stop playing it."""
        broadcast = await service.silence(broadcast_id)
        await service.session.commit()
        return schemas.BroadcastOut.model_validate(broadcast)

    _mass_call(api, db, now, works)
    return api


def _mass_call(api: APIRouter, db: Database, now: Now, works: Callable[..., object]) -> None:
    Service = Annotated[OutageService, Depends(works)]

    @api.get("/mass-call")
    async def get_mass_call() -> MassCallOut:
        """The operators' switch for short menus."""
        async with db.reading() as session:
            until = (await repository.alerts(session, now())).mass_call_until
        return MassCallOut(on=until is not None, until=until)

    @api.put("/mass-call")
    async def set_mass_call(body: MassCallIn, service: Service) -> MassCallOut:
        """Switch short menus on, with their end, or off."""
        await service.mass_call(body.on, body.until)
        await service.session.commit()
        return MassCallOut(on=body.on, until=body.until if body.on else None)
