"""The audit log: found by who, what, about what and when, and proved to be whole."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from console.days import day
from console.office import by_htmx
from console.routing import Administrator, TheOffice, part
from people import audit

PAGE = 50
Words = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(max_length=10)]

api = part("/system/audit")


@api.get("")
async def entries(
    office: TheOffice,
    request: Request,
    person: Administrator,
    who: Words = "",
    what: Words = "",
    subject: Words = "",
    since: Day = "",
    until: Day = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    asked = {"who": who, "what": what, "subject": subject, "since": since, "until": until}
    async with office.db.reading() as session:
        found = await audit.search(
            session,
            who=who.strip(),
            what=what.strip(),
            subject=subject.strip(),
            since=day(since, office.pages.zone),
            until=day(until, office.pages.zone, over=True),
            before=before,
            limit=PAGE + 1,
        )
    more = urlencode({k: v for k, v in asked.items() if v} | {"before": found[PAGE - 1].id}) if found[PAGE:] else ""
    values: dict[str, Any] = {
        "entries": found[:PAGE],
        "asked": asked,
        "more": more,
        "verdict": None,
        "later": before,
    }
    return office.page(request, person, "console/audit.html", **values)


@api.post("/verify")
async def verify(office: TheOffice, request: Request, person: Administrator) -> Response:
    """Reads the whole log."""
    async with office.db.reading() as session:
        verdict = await audit.verify(session)
        found = await audit.search(session, limit=PAGE)
    if by_htmx(request):
        return office.page(request, person, "console/audit_verdict.html", verdict=verdict)
    values: dict[str, Any] = {"entries": found, "asked": {}, "more": "", "verdict": verdict, "later": None}
    return office.page(request, person, "console/audit.html", **values)
