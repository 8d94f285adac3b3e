"""REST for the list of those who want to be told of planned outages."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from notices import schemas
from notices.models import NoticeRequest
from notices.service import NoticeService
from outages.rest import ERRORS, PlainErrors
from outages.schemas import Id
from people import audit
from storage.database import Database

SHOWN = 2


def router(db: Database, now: Callable[[], datetime], *, who: Callable[..., object], secret: str) -> APIRouter:
    """`who` is the dependency that names whoever works on the list, or refuses."""
    api = APIRouter(prefix="/notices", tags=["notices"], route_class=PlainErrors, responses=ERRORS)
    Who = Annotated[str, Depends(who)]

    async def working() -> AsyncIterator[NoticeService]:
        async with db.session() as session:
            yield NoticeService(session, now, secret)

    Working = Annotated[NoticeService, Depends(working)]

    async def done(service: NoticeService, who: str, what: str, request_id: int) -> None:
        await audit.record(service.session, now, who, what, f"notice:{request_id}")
        await service.session.commit()

    @api.get("")
    async def list_notices(
        _: Who,
        service: Working,
        area_id: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[Id | None, Query(description="Continue below this id.")] = None,
    ) -> list[schemas.NoticeOut]:
        """Who is on the list, the newest first; numbers masked."""
        return [_out(request) for request in await service.all(area_id=area_id, limit=limit, before=before)]

    @api.post("", status_code=201)
    async def ask(body: schemas.NoticeIn, who: Who, service: Working) -> schemas.NoticeOut:
        """Put a number on the list, with the consent of its owner."""
        given = body.model_dump(exclude={"number", "area_id", "confirmed"})
        request = await service.ask(body.number, body.area_id, **given, confirmed_by=who if body.confirmed else None)
        await done(service, who, "notice_asked", request.id)
        return _out(request)

    @api.post("/{notice_id}/confirm")
    async def confirm(notice_id: Id, who: Who, service: Working) -> schemas.NoticeOut:
        """The number's owner was reached and wants it."""
        request = await service.confirm(notice_id, who)
        await done(service, who, "notice_confirmed", notice_id)
        return _out(request)

    @api.delete("/{notice_id}", status_code=204)
    async def remove(notice_id: Id, who: Who, service: Working) -> None:
        """Forget one request."""
        await service.remove(notice_id)
        await done(service, who, "notice_removed", notice_id)

    @api.post("/erase")
    async def erase(body: schemas.NumberIn, who: Who, service: Working) -> schemas.Erased:
        """Forget a number altogether."""
        count = await service.erase(body.number)
        await audit.record(service.session, now, who, "notice_number_erased", "notices", requests=count)
        await service.session.commit()
        return schemas.Erased(requests=count)

    return api


def _out(request: NoticeRequest) -> schemas.NoticeOut:
    told = schemas.NoticeOut.model_validate(request)
    return told.model_copy(update={"number": f"…{request.number[-SHOWN:]}"})
