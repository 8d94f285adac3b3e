"""What administrators look after: people, keys, webhooks, the audit log, and how the installation is doing."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select

from console.health import health_of
from console.office import Office
from console.routing import Administrator, part
from people.models import ApiKey, AuditEntry, User


def router(office: Office) -> APIRouter:
    api = part(office, "/system")

    @api.get("")
    async def overview(request: Request, person: Administrator) -> Response:
        async with office.db.reading() as session:
            counts = {
                "people": await session.scalar(select(func.count()).select_from(User).where(User.active)),
                "keys": await session.scalar(select(func.count()).select_from(ApiKey).where(ApiKey.revoked.is_(None))),
                "audit": await session.scalar(select(func.max(AuditEntry.id))) or 0,
            }
        health = await health_of(office)
        return office.page(
            request, person, "console/system.html", counts=counts, health=health, version=request.app.version
        )

    return api
