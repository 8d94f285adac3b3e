"""Every call to a citizen that was ever made, and the numbers that are not called."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Path, Query, Request, Response

from console.call_backs import heard_of
from console.days import day
from console.office import Office, go, language_of
from console.routing import Operator, TheOffice, part
from console.ticket_words import names
from dialling import overview
from dialling.errors import DiallingError
from dialling.kinds import Outcome, Why
from dialling.numbers import pseudonym
from people.signin import Person
from tickets.errors import TicketError
from tickets.search import e164

HISTORY = "/console/dialler/history"
OPT_OUTS = "/console/dialler/opt-outs"
PAGE = 50
MOST_OPT_OUTS = 200
Word = Annotated[str, Query(max_length=40)]

api = part("/dialler")


@api.get("/history")
async def history(
    office: TheOffice,
    request: Request,
    person: Operator,
    number: Word = "",
    why: Word = "",
    outcome: Word = "",
    since: Word = "",
    until: Word = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    asked = {"number": number, "why": why, "outcome": outcome, "since": since, "until": until}
    hashed, wrong = _hash_of(office, request, person, number)
    wanted = overview.Wanted(
        hashed,
        Why(why) if why in Why.__members__ else None,
        next((each for each in Outcome if each == outcome), None),
        day(since, office.pages.zone),
        day(until, office.pages.zone, over=True),
        before,
    )
    async with office.db.reading() as session:
        found = [] if wrong else await overview.attempts(session, wanted, PAGE + 1)
    more = {k: v for k, v in asked.items() if v} | {"before": found[PAGE - 1][0].id if found[PAGE:] else 0}
    values: dict[str, Any] = {
        "found": found[:PAGE],
        "asked": asked,
        "more": f"{HISTORY}?{urlencode(more)}" if found[PAGE:] else None,
        "whys": list(Why),
        "outcomes": list(Outcome),
        "heard_of": heard_of,
        "names": names(language_of(request, person)),
        "wrong": wrong,
    }
    return office.page(request, person, "console/dialler_history.html", status=422 if wrong else 200, **values)


@api.get("/opt-outs")
async def opt_outs(office: TheOffice, request: Request, person: Operator, number: Word = "") -> Response:
    return await _opt_outs(office, request, person, number)


@api.post("/opt-outs")
async def add(
    office: TheOffice,
    request: Request,
    person: Operator,
    number: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    try:
        async with office.db.session() as session:
            await office.steering(session, person).refuse(number, note)
            await session.commit()
    except DiallingError as refused:
        said = office.said(request, refused, person)
        return await _opt_outs(office, request, person, "", wrong=said, given={"number": number, "note": note})
    office.pulse.stale()
    return go(OPT_OUTS, "opt_out_added")


@api.post("/opt-outs/{mark}/remove")
async def remove(
    office: TheOffice, person: Operator, mark: Annotated[str, Path(max_length=64, pattern="^[0-9a-f]{64}$")]
) -> Response:
    async with office.db.session() as session:
        await office.steering(session, person).allow(mark)
        await session.commit()
    return go(OPT_OUTS, "opt_out_removed")


async def _opt_outs(
    office: Office,
    request: Request,
    person: Person,
    number: str,
    wrong: str | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    hashed, unclear = _hash_of(office, request, person, number)
    wrong = wrong or unclear
    async with office.db.reading() as session:
        found = [] if unclear else await overview.opt_outs(session, hashed, MOST_OPT_OUTS)
    values = {"found": found, "number": number, "given": given or {}, "wrong": wrong}
    return office.page(request, person, "console/opt_outs.html", status=422 if wrong else 200, **values)


def _hash_of(office: Office, request: Request, person: Person, number: str) -> tuple[str, str | None]:
    """The pseudonym by which a number is found; what is wrong with it, where it is none."""
    if not number.strip():
        return "", None
    try:
        return pseudonym(e164(number), office.tickets.secret), None
    except TicketError as refused:
        return "", office.said(request, refused, person)
