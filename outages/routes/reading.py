"""Outages to read: lists, the history, and one with all that was ever changed in it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from outages import overview, repository, schemas
from outages.board import OutageKind
from outages.desk_schemas import HistoryOut
from outages.life import Life
from outages.routes.common import Now, known_area, plain_router
from outages.visibility import public
from people import access
from people.roles import Scope
from storage.database import Database

Lives = Annotated[list[Life] | None, Query()]


def reading_routes(db: Database, now: Now) -> APIRouter:
    api = plain_router("outages", "/outages")
    Insider = Annotated[bool, Depends(access.insider(db, now))]

    @api.get("", openapi_extra=access.KEY_IS_OPTIONAL)
    async def list_outages(
        insider: Insider,
        area_id: Annotated[
            schemas.Id | None, Query(description="Also its whole district's; of a district also those inside.")
        ] = None,
        state: Lives = None,
        when: Annotated[
            Literal["now", "next", "restored"] | None,
            Query(description="Off now, off within 72 hours, or back within the last 6 hours."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[schemas.Id | None, Query(description="Continue below this id.")] = None,
    ) -> list[schemas.OutageOut]:
        """Outages, the newest first; drafts with a key only."""
        async with db.reading() as session:
            area = await known_area(session, area_id) if area_id is not None else None
            wanted = tuple(state or ())
            lives, seen = (wanted, None) if insider else ((), public(wanted))
            found = await repository.outages(
                session, now=now(), when=when, lives=lives, area=area, limit=limit, before=before, seen=seen
            )
            names = await repository.areas_of(session, found)
        return [schemas.outage_out(outage, names, now(), insider=insider) for outage in found]

    _history(api, db, now)

    @api.get("/{outage_id}", openapi_extra=access.KEY_IS_OPTIONAL)
    async def get_outage(outage_id: schemas.Id, response: Response, insider: Insider) -> schemas.OutageWithRevisions:
        """One outage; with a key also all that was ever changed in it."""
        async with db.reading() as session:
            outage = await repository.known(session, outage_id, None if insider else public())
            response.headers["ETag"] = f'"{outage.revision}"'
            names = await repository.areas_of(session, [outage])
            revisions = list(await repository.revisions(session, outage_id)) if insider else None
        return schemas.outage_with_revisions(outage, names, now(), revisions)

    return api


def _history(api: APIRouter, db: Database, now: Now) -> None:
    @api.get("/history", dependencies=[Depends(access.needs(db, now, Scope.read))])
    async def search_history(
        text: Annotated[str, Query(max_length=200, description="Words of its texts, or its number.")] = "",
        area_id: schemas.Id | None = None,
        kind: OutageKind | None = None,
        state: Lives = None,
        since: schemas.Moment | None = None,
        until: schemas.Moment | None = None,
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
        size: Annotated[int, Query(ge=1, le=200)] = overview.PAGE,
    ) -> HistoryOut:
        """All that was ever written, page by page."""
        query = overview.HistoryQuery(text, area_id, kind, state or (), since, until)
        async with db.reading() as session:
            found = await overview.history(session, query, page, size)
        told = [schemas.outage_out(outage, found.areas, now()) for outage in found.outages]
        return HistoryOut(outages=told, total=found.total, page=found.page, pages=found.pages)
