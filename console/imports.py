"""Files of outages: every row is looked at first, then exactly that is taken in, or nothing. And the way out again."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import File, Form, Request, Response, UploadFile

from console.import_rows import shown_rows
from console.office import Office, go, language_of
from console.outage_words import Words
from console.routing import Operator, TheOffice, Viewer, part
from console.row_preview import KINDS, Mark, PageNumber, Show, chosen, paged
from outages import export, overview, repository
from outages.errors import OutageError
from outages.importer import ChangedMeanwhile, ImportPreview, import_outages, preview
from outages.life import PUBLIC
from outages.rows import ParsedRows, read_outages
from outages.tables import MOST_ROWS
from people.signin import Person

IMPORT = "/console/import"
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

api = part("/import")


@api.get("")
async def choose(office: TheOffice, request: Request, person: Operator) -> Response:
    return _choose(office, request, person)


@api.get("/export.{form}")
async def download(office: TheOffice, person: Viewer, form: Literal["csv", "xlsx"], all: bool = False) -> Response:
    """Outages that hold or come, or all of them, as a table that can be imported again."""
    async with office.db.reading() as session:
        query = overview.HistoryQuery(lives=() if all else PUBLIC)
        found = await overview.matching(session, query, MOST_ROWS)
        areas = await repository.areas_of(session, found)
    make = export.as_csv if form == "csv" else export.as_xlsx
    made = await asyncio.to_thread(make, found, areas, office.pages.zone)
    headers = {"Content-Disposition": f'attachment; filename="kesintiler.{form}"', "Cache-Control": "no-store"}
    return Response(made, media_type=_TYPES[form], headers=headers)


@api.post("")
async def upload(
    office: TheOffice, request: Request, person: Operator, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Kept in memory for the preview; nothing is saved yet."""
    try:
        name, data = await chosen(file)
        await _read(office, name, data)
    except OutageError as refused:
        return _choose(office, request, person, 422, wrong=office.said(request, refused, person))
    return go(f"{IMPORT}/{office.uploads.keep(person, name, data)}")


@api.get("/{mark}")
async def look(
    office: TheOffice,
    request: Request,
    person: Operator,
    mark: Mark,
    show: Show = "",
    page: PageNumber = 1,
) -> Response:
    return await _preview(office, request, person, mark, show=show, page=page)


@api.post("/{mark}")
async def save(
    office: TheOffice, request: Request, person: Operator, mark: Mark, digest: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Just what was looked at; when somebody changed it meanwhile, the new look."""
    held = office.uploads.get(person, mark)
    rows = await _read(office, held.name, held.data)
    try:
        report = await import_outages(
            office.db,
            rows,
            actor=person.name,
            now=office.now,
            expect=digest,
            review_planned=office.review_planned,
        )
    except ChangedMeanwhile as changed:
        return await _preview(office, request, person, mark, 409, wrong=office.said(request, changed, person))
    except OutageError as refused:
        return await _preview(office, request, person, mark, 422, wrong=office.said(request, refused, person))
    if report.errors:
        return await _preview(office, request, person, mark, 422)
    office.uploads.forget(mark)
    return go(IMPORT, "imported")


@api.post("/{mark}/drop")
async def drop(office: TheOffice, person: Operator, mark: Mark) -> Response:
    office.uploads.get(person, mark)
    office.uploads.forget(mark)
    return go(IMPORT)


async def _read(office: Office, name: str, data: bytes) -> ParsedRows:
    """In a thread: callers are not to wait for a spreadsheet."""
    return await asyncio.to_thread(read_outages, data, name, zone=office.pages.zone)


def _choose(
    office: Office, request: Request, person: Person, status: int = 200, *, wrong: str | None = None
) -> Response:
    return office.page(request, person, "console/import.html", status=status, wrong=wrong, megabytes=5)


async def _preview(
    office: Office,
    request: Request,
    person: Person,
    mark: str,
    status: int = 200,
    *,
    show: str = "",
    page: int = 1,
    wrong: str | None = None,
) -> Response:
    held = office.uploads.get(person, mark)
    seen: ImportPreview = await preview(office.db, await _read(office, held.name, held.data), now=office.now)
    rows, listed = paged(seen.rows, show, page)
    values: dict[str, Any] = {
        "base": f"{IMPORT}/",
        "may_save": not seen.count("bad") and seen.count("new") + seen.count("changed") > 0,
        "mark": mark,
        "name": held.name,
        "counts": {what: seen.count(what) for what in KINDS},
        "digest": seen.digest,
        "rows": shown_rows(rows, Words(office, language_of(request, person))),
        "wrong": wrong,
        **listed,
    }
    return office.page(request, person, "console/import_preview.html", status=status, **values)
