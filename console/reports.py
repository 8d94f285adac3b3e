"""Reports: the figures of a day, week or month, for the house or one unit, as a page and as files."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response

from console.office import Office, language_of
from console.routing import TheOffice, Viewer, part
from people.signin import Person
from reports.figures import Report, Scope
from reports.making import make
from reports.paper import html_of, pdf_of
from reports.period import Length, parsed
from reports.sheets import as_csv, as_xlsx
from reports.view import address, query_of, shown
from reports.words import Words

REPORTS = "/console/reports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"pdf": "application/pdf", "xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
Day = Annotated[str, Query(max_length=10)]
Unit = Annotated[str, Query(max_length=9, pattern=r"^\d*$")]

api = part("/reports")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what a report was asked for, as it stands in the address."""

    period: Length
    date: str
    unit: str

    def scope(self, office: Office) -> Scope:
        """Raises `bad_date`."""
        of = parsed(self.period, self.date, office.pages.zone, office.now())
        return Scope(of, min(int(self.unit), 2**31 - 1) if self.unit else None)


def asked_of(period: Length = Length.day, date: Day = "", unit: Unit = "") -> Asked:
    return Asked(period, date, unit)


WhatIsAsked = Annotated[Asked, Depends(asked_of)]


@api.get("")
async def page(office: TheOffice, request: Request, person: Viewer, asked: WhatIsAsked) -> Response:
    """Without a choice: yesterday, of the whole house."""
    scope = asked.scope(office)
    async with office.db.reading() as session:
        report = await make(session, scope, office.now())
        units = await office.tickets.setup(session, person.name).units()
    words = words_of(office, request, person)
    near = {"before": scope.period.before(), "after": scope.period.next()}
    values: dict[str, Any] = {
        "report": report,
        "words": words,
        "rooms": list(shown(report, words)),
        "units": units,
        "near": {name: address(Scope(period, scope.unit_id)) for name, period in near.items()},
        "query": query_of(scope),
        "lengths": list(Length),
        "going_on": scope.period.end > office.now(),
    }
    return office.page(request, person, "console/reports.html", **values)


@api.get("/file")
async def file(
    office: TheOffice,
    request: Request,
    person: Viewer,
    asked: WhatIsAsked,
    format_: Annotated[Literal["pdf", "xlsx", "csv"], Query(alias="format")] = "pdf",
) -> Response:
    """The same report to keep."""
    scope = asked.scope(office)
    async with office.db.reading() as session:
        report = await make(session, scope, office.now())
    content = await _content(office, request, person, report, format_)
    unit = f"-unit-{scope.unit_id}" if scope.unit_id else ""
    name = f"alo185-{scope.period.length}-{scope.period.first}{unit}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=KINDS[format_])


async def _content(office: Office, request: Request, person: Person, report: Report, format_: str) -> bytes:
    words = words_of(office, request, person)
    if format_ == "csv":
        return as_csv(report, words)
    if format_ == "xlsx":
        return as_xlsx(report, words)
    base = str(request.base_url).rstrip("/")
    return await pdf_of(html_of(report, words, office.pages, office.now(), base))


def words_of(office: Office, request: Request, person: Person) -> Words:
    return Words(office.pages.texts, language_of(request, person), office.catalogue)
