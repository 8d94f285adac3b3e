"""What administrators look after: people, keys, webhooks, the audit log, and how the installation is doing."""

from fastapi import Request, Response
from sqlalchemy import func, select

from console.health import health_of
from console.routing import Administrator, TheOffice, part
from people.models import ApiKey, AuditEntry, User

api = part("/system")


@api.get("")
async def overview(office: TheOffice, request: Request, person: Administrator) -> Response:
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
