"""REST for the list of those who want to be told of planned outages."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
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

    async def working(worker: Annotated[str, Depends(who)]) -> AsyncIterator[_Work]:
        async with db.session() as session:
            yield _Work(NoticeService(session, now, secret), worker)

    _add_list(api, working)
    _add_removal(api, working)
    return api


@dataclass(frozen=True)
class _Work:
    """One request: the list, and who works on it."""

    notices: NoticeService
    who: str

    async def done(self, what: str, request_id: int | None = None, **detail: int) -> None:
        session, subject = self.notices.session, f"notice:{request_id}" if request_id else "notices"
        await audit.record(session, self.notices.now, self.who, what, subject, **detail)
        await session.commit()


def _add_list(api: APIRouter, working: Callable[..., object]) -> None:
    Working = Annotated[_Work, Depends(working)]

    @api.get("")
    async def list_notices(
        work: Working,
        area_id: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[Id | None, Query(description="Continue below this id.")] = None,
    ) -> list[schemas.NoticeOut]:
        """Who is on the list, the newest first; numbers masked."""
        return [_out(request) for request in await work.notices.all(area_id=area_id, limit=limit, before=before)]

    @api.post("", status_code=201)
    async def ask(body: schemas.NoticeIn, work: Working) -> schemas.NoticeOut:
        """Put a number on the list, with the consent of its owner."""
        given = body.model_dump(exclude={"number", "area_id", "confirmed"})
        confirmed_by = work.who if body.confirmed else None
        request = await work.notices.ask(body.number, body.area_id, **given, confirmed_by=confirmed_by)
        await work.done("notice_asked", request.id)
        return _out(request)

    @api.post("/{notice_id}/confirm")
    async def confirm(notice_id: Id, work: Working) -> schemas.NoticeOut:
        """The number's owner was reached and wants it."""
        request = await work.notices.confirm(notice_id, work.who)
        await work.done("notice_confirmed", notice_id)
        return _out(request)


def _add_removal(api: APIRouter, working: Callable[..., object]) -> None:
    Working = Annotated[_Work, Depends(working)]

    @api.delete("/{notice_id}", status_code=204)
    async def remove(notice_id: Id, work: Working) -> None:
        """Forget one request."""
        await work.notices.remove(notice_id)
        await work.done("notice_removed", notice_id)

    @api.post("/erase")
    async def erase(body: schemas.NumberIn, work: Working) -> schemas.Erased:
        """Forget a number altogether."""
        count = await work.notices.erase(body.number)
        await work.done("notice_number_erased", requests=count)
        return schemas.Erased(requests=count)


def _out(request: NoticeRequest) -> schemas.NoticeOut:
    told = schemas.NoticeOut.model_validate(request)
    return told.model_copy(update={"number": f"…{request.number[-SHOWN:]}"})
