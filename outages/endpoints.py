"""REST for outages, areas, broadcasts and the mass-call switch.

Everybody reads what the public may know; a key of the scope `read` shows everything; writing needs a scope of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Header, Query, Response, UploadFile
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages import areas as area_names
from outages import repository, schemas
from outages.board import AreaKind
from outages.errors import OutageError
from outages.importer import import_outages
from outages.life import Life
from outages.models import Area, BoardState, Broadcast, Outage
from outages.rest import ERRORS, PlainErrors
from outages.rows import ParsedRows, read_outages, read_place_ids
from outages.service import OutageService
from outages.tables import MOST_BYTES
from outages.visibility import public
from people import access
from people.roles import Scope
from storage.database import Database

Now = Callable[[], datetime]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The revision that you read; refused if it is no longer so.")
]


def router(db: Database, now: Now) -> APIRouter:
    """Everything below `/api/v1` that has to do with outages and areas."""
    root = APIRouter()
    for part in (_outages(db, now), _changes(db, now), _areas(db), _broadcasts(db, now)):
        root.include_router(part)
    return root


def _outages(db: Database, now: Now) -> APIRouter:
    api = APIRouter(prefix="/outages", tags=["outages"], route_class=PlainErrors, responses=ERRORS)
    Insider = Annotated[bool, Depends(access.insider(db, now))]

    @api.get("", openapi_extra=access.KEY_IS_OPTIONAL)
    async def list_outages(
        insider: Insider,
        area_id: Annotated[
            schemas.Id | None, Query(description="Also its whole district's; of a district also those inside.")
        ] = None,
        state: Annotated[list[Life] | None, Query()] = None,
        when: Annotated[
            Literal["now", "next", "restored"] | None,
            Query(description="Off now, off within 72 hours, or back within the last 6 hours."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[schemas.Id | None, Query(description="Continue below this id.")] = None,
    ) -> list[schemas.OutageOut]:
        """Outages, the newest first; drafts with a key only."""
        async with db.reading() as session:
            area = await _area(session, area_id) if area_id is not None else None
            seen = None if insider else public()
            found = await repository.outages(
                session, now=now(), when=when, lives=state or (), area=area, limit=limit, before=before, seen=seen
            )
            names = await repository.areas_of(session, found)
        return [schemas.outage_out(outage, names, now()) for outage in found]

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


def _changes(db: Database, now: Now) -> APIRouter:
    api = APIRouter(prefix="/outages", tags=["outages"], route_class=PlainErrors, responses=ERRORS)
    operator = access.needs(db, now, Scope.outages)
    working = _working(db, now, operator)
    Service = Annotated[OutageService, Depends(working)]

    @api.post("", status_code=201)
    async def create_outage(body: schemas.OutageIn, service: Service, response: Response) -> schemas.OutageOut:
        """Callers hear it within a second, unless it is a draft."""
        outage = await service.create(body.facts(), draft=body.draft, external_id=body.external_id)
        return await _committed(service, outage, response)

    @api.patch("/{outage_id}")
    async def change_outage(
        outage_id: schemas.Id,
        body: schemas.OutageChange,
        service: Service,
        response: Response,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """Change what is given; the rest stays."""
        outage = await service.change(outage_id, _revision(if_match), **body.changes())
        return await _committed(service, outage, response)

    @api.post("/{outage_id}/publish")
    async def publish_outage(
        outage_id: schemas.Id, service: Service, response: Response, if_match: IfMatch = None
    ) -> schemas.OutageOut:
        """Let callers hear a draft."""
        return await _committed(service, await service.publish(outage_id, _revision(if_match)), response)

    @api.post("/{outage_id}/end")
    async def end_outage(
        outage_id: schemas.Id,
        service: Service,
        response: Response,
        body: schemas.EndIn | None = None,
        if_match: IfMatch = None,
    ) -> schemas.OutageOut:
        """The water is back."""
        at = body.at if body else None
        return await _committed(service, await service.end(outage_id, at, _revision(if_match)), response)

    @api.post("/{outage_id}/cancel")
    async def cancel_outage(
        outage_id: schemas.Id, service: Service, response: Response, if_match: IfMatch = None
    ) -> schemas.OutageOut:
        """It does not take place, or never did."""
        return await _committed(service, await service.cancel(outage_id, _revision(if_match)), response)

    @api.post("/import", responses={422: {"model": schemas.ImportOut}})
    async def import_file(
        file: Annotated[UploadFile, File(description="CSV, XLSX or JSON; see docs/import.md.")],
        response: Response,
        who: Annotated[str, Depends(operator)],
        ids: Annotated[
            UploadFile | None, File(description="The feed's own neighbourhood numbers: a table of id, ilçe, mahalle.")
        ] = None,
    ) -> schemas.ImportOut:
        """All rows or none; sent again, the same file changes nothing."""
        given, listed = await _bytes_of(file), await _bytes_of(ids) if ids else None
        rows = await asyncio.to_thread(_read, given, file.filename, listed)  # callers are not to wait for a spreadsheet
        report = await import_outages(db, rows, actor=who, now=now)
        response.status_code = 422 if report.errors else 200
        return schemas.ImportOut.model_validate(report)

    return api


def _areas(db: Database) -> APIRouter:
    api = APIRouter(prefix="/areas", tags=["areas"], route_class=PlainErrors, responses=ERRORS)

    @api.get("")
    async def list_areas(
        name: Annotated[str | None, Query(max_length=120, description='"sirinevler" finds "Şirinevler".')] = None,
        district_id: schemas.Id | None = None,
        kind: AreaKind | None = None,
    ) -> list[schemas.AreaOut]:
        """Districts, neighbourhoods and industrial zones, by number; with `name` the best match first."""
        async with db.reading() as session:
            found: Sequence[Area]
            if name is not None:
                found = await area_names.search(session, name, limit=500)
                found = [a for a in found if district_id in (None, a.district_id) and kind in (None, a.kind)]
            else:
                found = await repository.areas(session, district_id=district_id, kind=kind)
        return [schemas.AreaOut.model_validate(area) for area in found]

    @api.get("/{area_id}")
    async def get_area(area_id: schemas.Id) -> schemas.AreaOut:
        """One area, also one that was merged away."""
        async with db.reading() as session:
            return schemas.AreaOut.model_validate(await _area(session, area_id))

    return api


def _broadcasts(db: Database, now: Now) -> APIRouter:
    api = APIRouter(tags=["broadcasts"], route_class=PlainErrors, responses=ERRORS)
    working = _working(db, now, access.needs(db, now, Scope.broadcasts))
    Service = Annotated[OutageService, Depends(working)]
    Insider = Annotated[bool, Depends(access.insider(db, now))]

    @api.get("/broadcasts", openapi_extra=access.KEY_IS_OPTIONAL)
    async def list_broadcasts(insider: Insider) -> list[schemas.BroadcastOut]:
        """Announcements that are played now."""
        async with db.reading() as session:
            found = await session.scalars(select(Broadcast).where(Broadcast.ends > now()).order_by(Broadcast.id))
            told = [schemas.BroadcastOut.model_validate(broadcast) for broadcast in found]
        return told if insider else [broadcast.model_copy(update={"who": None}) for broadcast in told]

    @api.post("/broadcasts", status_code=201)
    async def announce(body: schemas.BroadcastIn, service: Service) -> schemas.BroadcastOut:
        """Play a text before everything until it ends."""
        broadcast = await service.announce(body.text_tr, body.ends, text_en=body.text_en, district_id=body.district_id)
        await service.session.commit()
        return schemas.BroadcastOut.model_validate(broadcast)

    @api.post("/broadcasts/{broadcast_id}/end")
    async def end_broadcast(broadcast_id: schemas.Id, service: Service) -> schemas.BroadcastOut:
        """Stop playing it."""
        broadcast = await service.silence(broadcast_id)
        await service.session.commit()
        return schemas.BroadcastOut.model_validate(broadcast)

    @api.get("/mass-call")
    async def get_mass_call() -> schemas.MassCall:
        """The operators' switch for short menus."""
        async with db.reading() as session:
            return schemas.MassCall(on=(await session.scalars(select(BoardState.mass_call))).one())

    @api.put("/mass-call")
    async def set_mass_call(body: schemas.MassCall, service: Service) -> schemas.MassCall:
        """Switch short menus on or off."""
        await service.mass_call(body.on)
        await service.session.commit()
        return body

    return api


def _working(db: Database, now: Now, operator: Callable[..., object]) -> Callable[..., object]:
    async def working(who: Annotated[str, Depends(operator)]) -> AsyncIterator[OutageService]:
        async with db.session() as session:
            yield OutageService(session, now, who)

    return working


async def _area(session: AsyncSession, area_id: int) -> Area:
    area = await session.get(Area, area_id)
    if area is None:
        raise OutageError(f"There is no area {area_id}.", "no_such_area")
    return area


async def _committed(service: OutageService, outage: Outage, response: Response) -> schemas.OutageOut:
    names = await repository.areas_of(service.session, [outage])
    await service.session.commit()
    response.headers["ETag"] = f'"{outage.revision}"'
    return schemas.outage_out(outage, names, service.now())


async def _bytes_of(upload: UploadFile) -> bytes:
    """No more than may be imported, and one byte to tell that there was more."""
    return await upload.read(MOST_BYTES + 1)


def _read(file: bytes, name: str | None, ids: bytes | None) -> ParsedRows:
    return read_outages(file, name, place_ids=read_place_ids(ids) if ids is not None else None)


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isdecimal():
        raise OutageError("If-Match must be the revision that you read, for example 3.", "bad_revision")
    return int(plain)
