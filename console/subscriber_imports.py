"""Lists of subscribers: every row is looked at first, then the good ones are kept."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import File, Form, Request, Response, UploadFile

from console.import_rows import Difference
from console.office import Office, go, language_of
from console.outage_words import Words
from console.routing import Keeper, TheOffice, part
from console.row_preview import KINDS, Mark, PageNumber, Show, chosen, paged
from console.subscribers import parts_of
from outages.errors import OutageError
from outages.importer import ChangedMeanwhile
from outages.tables import Record
from people.signin import Person
from subscribers.files import digest_of_rows, read_upload
from subscribers.importer import Importer, ImportReport, Origin, reader_of
from subscribers.plan import PlannedRow

IMPORT = "/console/subscribers/import"

api = part("/subscribers/import")


@api.get("")
async def choose(office: TheOffice, request: Request, person: Keeper) -> Response:
    return _choose(office, request, person)


@api.post("")
async def upload(
    office: TheOffice, request: Request, person: Keeper, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Kept in memory for the preview; nothing is saved yet."""
    try:
        name, data = await chosen(file)
        await _look(office, person, await asyncio.to_thread(read_upload, data))
    except OutageError as refused:
        return _choose(office, request, person, 422, wrong=office.said(request, refused, person))
    return go(f"{IMPORT}/{office.uploads.keep(person, name, data)}")


@api.get("/{mark}")
async def look(
    office: TheOffice,
    request: Request,
    person: Keeper,
    mark: Mark,
    show: Show = "",
    page: PageNumber = 1,
) -> Response:
    return await _preview(office, request, person, mark, show=show, page=page)


@api.post("/{mark}")
async def save(
    office: TheOffice, request: Request, person: Keeper, mark: Mark, digest: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Just what was looked at; when somebody changed it meanwhile, the new look."""
    held = office.uploads.get(person, mark)
    records = await asyncio.to_thread(read_upload, held.data)
    _, rows = await _look(office, person, records)
    if await asyncio.to_thread(digest_of_rows, rows) != digest:
        changed = ChangedMeanwhile(
            "The subscribers changed since you looked; nothing was saved. Look at the preview again.",
            turkish="Siz baktıktan sonra aboneler değişti; kaydedilmedi. Önizlemeye yeniden bakın.",
        )
        return await _preview(office, request, person, mark, 409, wrong=office.said(request, changed, person))
    await (await _importer(office, person)).run(_each(records), Origin(digest, held.name, "file"))
    office.uploads.forget(mark)
    return go(IMPORT, "subscribers_imported")


@api.post("/{mark}/drop")
async def drop(office: TheOffice, person: Keeper, mark: Mark) -> Response:
    office.uploads.get(person, mark)
    office.uploads.forget(mark)
    return go(IMPORT)


async def _importer(office: Office, person: Person) -> Importer:
    parts = parts_of(office)
    reader = await reader_of(office.db, parts.directory.scheme, office.pages.zone)
    return Importer(office.db, reader, office.now, parts.secrets.callers, person.name)


async def _look(office: Office, person: Person, records: list[Record]) -> tuple[ImportReport, list[PlannedRow]]:
    rows: list[PlannedRow] = []
    report = await (await _importer(office, person)).look(_each(records), rows.append)
    return report, sorted(rows, key=lambda row: row.line)


async def _each(records: list[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


def _choose(
    office: Office, request: Request, person: Person, status: int = 200, *, wrong: str | None = None
) -> Response:
    return office.page(request, person, "console/subscriber_import.html", status=status, wrong=wrong, megabytes=5)


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
    report, rows = await _look(office, person, await asyncio.to_thread(read_upload, held.data))
    on_page, listed = paged(rows, show, page)
    words = Words(office, language_of(request, person))
    values: dict[str, Any] = {
        "base": f"{IMPORT}/",
        "may_save": report.new + report.changed > 0,
        "mark": mark,
        "name": held.name,
        "counts": {what: getattr(report, what) for what in KINDS},
        "digest": await asyncio.to_thread(digest_of_rows, rows),
        "rows": [ShownRow(row, words) for row in on_page],
        "wrong": wrong,
        **listed,
    }
    return office.page(request, person, "console/subscriber_preview.html", status=status, **values)


class ShownRow:
    """A row of a list in the reader's words."""

    def __init__(self, row: PlannedRow, words: Words) -> None:
        self.line, self.number, self.what, self._row, self._words = row.line, row.number, row.what, row, words

    @property
    def differences(self) -> list[Difference]:
        known = self.what == "changed"
        return [
            Difference(
                self._words.t(f"subscribers.field_{name}"),
                self._said(name, old) if known else None,
                self._said(name, new),
            )
            for name, (old, new) in self._row.differences.items()
        ]

    @property
    def faults(self) -> list[tuple[str, str]]:
        turkish = self._words.language == "tr"
        return [(error.column, error.turkish if turkish else error.reason) for error in self._row.errors]

    def _said(self, name: str, value: Any) -> str:
        if value in (None, ()):
            return "—"
        if name == "area_id":
            return self._words.area(value)
        if name.startswith("consent_"):
            return self._words.t("subscribers.yes" if value else "subscribers.no")
        return ", ".join(value) if isinstance(value, tuple) else str(value)
