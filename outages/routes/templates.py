"""Templates of outages that are written again and again."""

from typing import Annotated

from fastapi import APIRouter, Depends

from outages import schemas
from outages.desk_schemas import TemplateIn, TemplateOut
from outages.routes.common import Now, plain_router, working
from outages.service import OutageService
from outages.templates import TemplateService
from people import access
from people.roles import Scope
from storage.database import Database


def template_routes(db: Database, now: Now) -> APIRouter:
    api = plain_router("templates", "/outage-templates")
    Service = Annotated[OutageService, Depends(working(db, now, Scope.outages, review_planned=False))]

    @api.get("", dependencies=[Depends(access.needs(db, now, Scope.read))])
    async def list_templates() -> list[TemplateOut]:
        """The most used first."""
        async with db.reading() as session:
            return [TemplateOut.model_validate(each) for each in await TemplateService(session, now, "").all()]

    @api.put("")
    async def save_template(body: TemplateIn, service: Service) -> TemplateOut:
        """A new template, or the one of that name anew."""
        templates = TemplateService(service.session, now, service.who)
        saved = await templates.save(body.name, body.pattern())
        await service.session.commit()
        return TemplateOut.model_validate(saved)

    @api.delete("/{template_id}", status_code=204)
    async def remove_template(template_id: schemas.Id, service: Service) -> None:
        """Outages that were written from it stay."""
        await TemplateService(service.session, now, service.who).remove(template_id)
        await service.session.commit()

    return api
