"""Outages in files: a look at what one would do, its import, and the way out again."""

import asyncio
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Query, Response, UploadFile

from outages import export, importer, overview, repository, schemas
from outages.board import OutageKind
from outages.desk_schemas import PreviewOut
from outages.life import Life
from outages.routes.common import Now, plain_router
from outages.rows import ParsedRows, read_outages, read_place_ids
from outages.tables import MOST_BYTES, MOST_ROWS
from people import access
from people.roles import Scope
from storage.database import Database

TheFile = Annotated[UploadFile, File(description="CSV, XLSX or JSON; see docs/import.md.")]
TheIds = Annotated[
    UploadFile | None, File(description="The feed's own neighbourhood numbers: a table of id, ilçe, mahalle.")
]
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def file_routes(db: Database, now: Now, *, review_planned: bool, zone: ZoneInfo) -> APIRouter:
    api = plain_router("outages", "/outages")
    Writer = Annotated[str, Depends(access.needs(db, now, Scope.outages))]

    @api.post("/import/preview")
    async def preview_import(file: TheFile, who: Writer, ids: TheIds = None) -> PreviewOut:
        """What the file would do, row by row; saves nothing."""
        return PreviewOut.model_validate(await importer.preview(db, await _rows(file, ids, zone), now=now))

    @api.post("/import", responses={422: {"model": schemas.ImportOut | schemas.ErrorOut}})
    async def import_file(
        file: TheFile,
        response: Response,
        who: Writer,
        ids: TheIds = None,
        digest: Annotated[
            str | None, Form(max_length=64, description="Of the preview: refused if anything else would be saved.")
        ] = None,
    ) -> schemas.ImportOut:
        """All rows or none; sent again, the same file changes nothing."""
        report = await importer.import_outages(
            db, await _rows(file, ids, zone), actor=who, now=now, expect=digest, review_planned=review_planned
        )
        response.status_code = 422 if report.errors else 200
        return schemas.ImportOut.model_validate(report)

    _export(api, db, now, zone)
    return api


def _export(api: APIRouter, db: Database, now: Now, zone: ZoneInfo) -> None:
    @api.get(
        "/export.{form}",
        dependencies=[Depends(access.needs(db, now, Scope.read))],
        response_class=Response,
        responses={200: {"content": {"text/csv": {}, _TYPES["xlsx"]: {}}, "description": "The table."}},
    )
    async def export_outages(
        form: Literal["csv", "xlsx"],
        text: Annotated[str, Query(max_length=200)] = "",
        area_id: schemas.Id | None = None,
        kind: OutageKind | None = None,
        state: Annotated[list[Life] | None, Query()] = None,
        since: schemas.Moment | None = None,
        until: schemas.Moment | None = None,
    ) -> Response:
        """Outages as a table that can be imported again; drafts are left out."""
        query = overview.HistoryQuery(text, area_id, kind, state or (), since, until)
        async with db.reading() as session:
            found = await overview.matching(session, query, MOST_ROWS)
            areas = await repository.areas_of(session, found)
        made = await asyncio.to_thread(export.as_csv if form == "csv" else export.as_xlsx, found, areas, zone)
        name = f'attachment; filename="kesintiler.{form}"'
        return Response(made, media_type=_TYPES[form], headers={"Content-Disposition": name})


async def _rows(file: UploadFile, ids: UploadFile | None, zone: ZoneInfo) -> ParsedRows:
    """In a thread: callers are not to wait for a spreadsheet."""
    given, listed = await _bytes_of(file), await _bytes_of(ids) if ids else None
    return await asyncio.to_thread(_read, given, file.filename, listed, zone)


async def _bytes_of(upload: UploadFile) -> bytes:
    """No more than may be imported, and one byte to tell that there was more."""
    return await upload.read(MOST_BYTES + 1)


def _read(file: bytes, name: str | None, ids: bytes | None, zone: ZoneInfo) -> ParsedRows:
    return read_outages(file, name, place_ids=read_place_ids(ids) if ids is not None else None, zone=zone)
