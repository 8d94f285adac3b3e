"""What all routes share: the writer's session, revisions in headers, an area that must exist."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository, schemas
from outages.errors import OutageError
from outages.models import Area, Outage
from outages.rest import ERRORS, PlainErrors
from outages.service import OutageService
from people import access
from people.roles import Scope
from storage.database import Database

Now = Callable[[], datetime]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The revision that you read; refused if it is no longer so.")
]


def plain_router(tag: str, prefix: str = "") -> APIRouter:
    """Its refusals are sentences."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=PlainErrors, responses=ERRORS)


def working(db: Database, now: Now, scope: Scope, *, review_planned: bool) -> Callable[..., object]:
    """A dependency: the service of whoever holds a key of this scope. What is not committed is not kept."""

    async def worked(who: Annotated[str, Depends(access.needs(db, now, scope))]) -> AsyncIterator[OutageService]:
        async with db.session() as session:
            yield OutageService(session, now, who, review_planned=review_planned)

    return worked


async def known_area(session: AsyncSession, area_id: int) -> Area:
    area = await session.get(Area, area_id)
    if area is None:
        raise OutageError(f"There is no area {area_id}.", "no_such_area")
    return area


async def committed(service: OutageService, outage: Outage, response: Response) -> schemas.OutageOut:
    names = await repository.areas_of(service.session, [outage])
    await service.session.commit()
    response.headers["ETag"] = f'"{outage.revision}"'
    return schemas.outage_out(outage, names, service.now())


def revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isdecimal() or len(plain) > 9:
        raise OutageError("If-Match must be the revision that you read, for example 3.", "bad_revision")
    return int(plain)
