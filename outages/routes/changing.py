"""Outages written, changed, ended, cancelled and undone."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from outages import repository, schemas
from outages.desk_schemas import ReasonIn, UndoIn
from outages.routes.common import IfMatch, Now, committed, plain_router, revision, working
from outages.service import OutageService
from people.roles import Scope
from storage.database import Database


def changing_routes(db: Database, now: Now, *, review_planned: bool) -> APIRouter:
    api = plain_router("outages", "/outages")
    works = working(db, now, Scope.outages, review_planned=review_planned)
    Service = Annotated[OutageService, Depends(works)]

    @api.post("", status_code=201)
    async def create_outage(body: schemas.OutageIn, service: Service, response: Response) -> schemas.OutageOut:
        """Callers hear it within a second, unless it is a draft."""
        outage = await service.create(body.facts(), draft=body.draft, external_id=body.external_id, reason=body.reason)
        return await committed(service, outage, response)

    @api.post("/overlapping")
    async def find_overlapping(
        body: schemas.OutageIn, service: Service, except_id: schemas.Id | None = None
    ) -> list[schemas.OutageOut]:
        """Outages that take water from the same people at the same time; saves nothing."""
        found = await service.overlapping(body.facts(), except_id)
        names = await repository.areas_of(service.session, found)
        return [schemas.outage_out(outage, names, now()) for outage in found]

    @api.patch("/{outage_id}")
    async def change_outage(
        outage_id: schemas.Id,
        body: schemas.OutageChange,
        service: Service,
        response: Response,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """Change what is given; the rest stays."""
        outage = await service.change(outage_id, revision(if_match), reason=body.reason, **body.changes())
        return await committed(service, outage, response)

    @api.post("/{outage_id}/undo")
    async def undo_change(
        outage_id: schemas.Id, body: UndoIn, service: Service, response: Response
    ) -> schemas.OutageOut:
        """Take back what you did last, within 30 seconds; a new outage is cancelled."""
        outage = await service.undo(outage_id, body.revision, reason=body.reason)
        return await committed(service, outage, response)

    _ends(api, works)
    return api


def _ends(api: APIRouter, works: Callable[..., object]) -> None:
    Service = Annotated[OutageService, Depends(works)]

    @api.post("/{outage_id}/end")
    async def end_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: schemas.EndIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """The water is back."""
        at, reason = (body.at, body.reason) if body else (None, None)
        return await committed(service, await service.end(outage_id, at, revision(if_match), reason=reason), response)

    @api.post("/{outage_id}/cancel")
    async def cancel_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: ReasonIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """It does not take place, or never did."""
        reason = body.reason if body else None
        return await committed(service, await service.cancel(outage_id, revision(if_match), reason=reason), response)
