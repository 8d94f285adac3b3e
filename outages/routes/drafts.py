"""What becomes of drafts: review, publication at once or at a set time, and the way back."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from outages import schemas
from outages.desk_schemas import BackIn, PublishIn, ReasonIn
from outages.routes.common import IfMatch, Now, committed, plain_router, revision, working
from outages.service import OutageService
from people.roles import Scope
from storage.database import Database


def draft_routes(db: Database, now: Now, *, review_planned: bool) -> APIRouter:
    api = plain_router("outages", "/outages")
    works = working(db, now, Scope.outages, review_planned=review_planned)
    _review(api, works)
    _release(api, works)
    return api


def _review(api: APIRouter, works: Callable[..., object]) -> None:
    Service = Annotated[OutageService, Depends(works)]

    @api.post("/{outage_id}/submit")
    async def submit_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: ReasonIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """Ask a second person to publish a draft."""
        reason = body.reason if body else None
        outage = await service.submit_for_review(outage_id, revision(if_match), reason=reason)
        return await committed(service, outage, response)

    @api.post("/{outage_id}/send-back")
    async def send_back_outage(
        outage_id: schemas.Id, body: BackIn, service: Service, response: Response, if_match: IfMatch = None
    ) -> schemas.OutageOut:
        """Take a draft out of review, or stop its publication at a set time."""
        return await committed(service, await service.send_back(outage_id, body.reason, revision(if_match)), response)


def _release(api: APIRouter, works: Callable[..., object]) -> None:
    Service = Annotated[OutageService, Depends(works)]

    @api.post("/{outage_id}/approve")
    async def approve_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: PublishIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """Publish what was submitted, at once or at a set time."""
        given = body or PublishIn()
        outage = await service.approve(outage_id, revision(if_match), at=given.at, reason=given.reason)
        return await committed(service, outage, response)

    @api.post("/{outage_id}/publish")
    async def publish_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: PublishIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """Let callers hear a draft, at once or at a set time."""
        given = body or PublishIn()
        outage = await service.publish(outage_id, revision(if_match), at=given.at, reason=given.reason)
        return await committed(service, outage, response)
