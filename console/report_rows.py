"""The rows behind a figure of a report, page by page. Whom they are about is for operators, and masked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from calls.models import CallRecord
from console.office import Office, language_of
from console.reports import WhatIsAsked, words_of
from console.routing import TheOffice, Viewer, part
from console.ticket_words import names
from console.tickets import place_of
from dialling.models import CallAttempt, OutboundCall
from outages.models import Outage
from people.roles import Role
from people.signin import Person
from reports.figures import Rows, Scope
from reports.opening import PAGE, number_of, opened
from reports.view import address, rows_address
from reports.words import Words
from tickets.models import Ticket, TicketClock
from tickets.privacy import masked

PREFIX = "of."
MOST_CONDITIONS = 4
MOST_COUNTED = 10_000
"""The report tells the whole number; here it would only keep somebody waiting."""

api = part("/reports")


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: cells in the order of its columns; where more about it is told."""

    cells: tuple[Any, ...]
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """What tells rows to one person."""

    office: Office
    person: Person
    words: Words
    names: dict[str, Any]

    def number(self, number: str | None) -> str:
        return (masked(number) or "–") if self.person.role.allows(Role.operator) else "•••"

    def place(self, area_id: int | None) -> str:
        return place_of(self.office, area_id) or "–"

    def word(self, kind: str, word: str | None) -> str:
        return "–" if word is None else self.words.known(f"{kind}.{word}", word)


def _call(tell: Teller, row: tuple[Any, ...]) -> Shown:
    call: CallRecord = row[0]
    why = tell.word("reason", call.reason) if call.left_at is None else tell.words.phrase(call.left_at)
    lasted = None if call.duration_seconds is None else timedelta(seconds=call.duration_seconds)
    ended = tell.word("line", call.outcome)
    return Shown((call.started, tell.number(call.caller), ended, why, tell.place(call.area_id), lasted))


def _ticket(tell: Teller, row: tuple[Any, ...]) -> Shown:
    ticket: Ticket = row[0]
    of = tell.names
    about = (of["category"][ticket.category], of["channel"][ticket.channel], of["state"][ticket.state])
    cells = (ticket.opened, ticket.number, *about, tell.place(ticket.area_id), tell.number(ticket.callback_number))
    return Shown(cells, f"/console/tickets/{ticket.number}")


def _promise(tell: Teller, row: tuple[Any, ...]) -> Shown:
    clock: TicketClock = row[0]
    ticket: Ticket = row[1]
    cells = (ticket.opened, ticket.number, tell.words.known(f"line.{clock.promise}", clock.promise))
    late = clock.breached is not None or (clock.met is not None and clock.met > clock.due)
    kept = "late" if late else "running" if clock.met is None else "in_time"
    return Shown(
        (*cells, clock.due, clock.met, tell.words.known(f"column.{kept}", kept)), f"/console/tickets/{ticket.number}"
    )


def _citizen(tell: Teller, row: tuple[Any, ...]) -> Shown:
    call: OutboundCall = row[0]
    cells = (call.finished, tell.number(call.number), tell.word("why", call.why), call.subject)
    return Shown((*cells, tell.word("settled", call.state), tell.word("verdict", call.verdict)), _about(call))


def _attempt(tell: Teller, row: tuple[Any, ...]) -> Shown:
    attempt: CallAttempt = row[0]
    call: OutboundCall = row[1]
    cells = (attempt.at, tell.number(call.number), tell.word("why", attempt.why), call.subject)
    told = (tell.word("outcome", attempt.outcome or "running"), tell.word("verdict", attempt.verdict))
    return Shown((*cells, *told, attempt.stars), _about(call))


def _outage(tell: Teller, row: tuple[Any, ...]) -> Shown:
    outage: Outage = row[0]
    lasted = outage.actual_end - outage.starts if outage.actual_end else None
    where = ", ".join(tell.place(place.area_id) for place in outage.places[:3])
    cells = (outage.starts, str(outage.id), tell.word("cause", outage.cause), tell.word("line", outage.kind))
    return Shown((*cells, where, lasted), f"/console/outages/{outage.id}")


def _about(call: OutboundCall) -> str:
    return f"/console/tickets/{call.subject}" if call.why == "ticket_check" else ""


COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[Teller, tuple[Any, ...]], Shown]]] = {
    "calls": (("at", "number", "outcome", "reason", "place", "length"), _call),
    "tickets": (("at", "ticket", "category", "channel", "state", "place", "number"), _ticket),
    "promises": (("at", "ticket", "promise", "due", "met", "state"), _promise),
    "citizens": (("at", "number", "why", "ticket", "outcome", "verdict"), _citizen),
    "attempts": (("at", "number", "why", "ticket", "outcome", "verdict", "stars"), _attempt),
    "outages": (("at", "outage", "cause", "why", "place", "length"), _outage),
}


@api.get("/rows")
async def rows(
    office: TheOffice,
    request: Request,
    person: Viewer,
    asked: WhatIsAsked,
    what: Annotated[str, Query(max_length=20)] = "calls",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """The newest first."""
    scope, behind = asked.scope(office), Rows(what, _where(request))
    async with office.db.reading() as session:
        found, number = await _opened(session, scope, behind, before)
        words = words_of(office, request, person)
        tell = Teller(office, person, words, names(language_of(request, person)))
        columns, show = COLUMNS[what]
        told = [show(tell, row) for row in found[:PAGE]]
    more = rows_address(scope, behind, before=str(found[PAGE - 1][0].id)) if len(found) > PAGE else ""
    values: dict[str, Any] = {
        "what": what,
        "columns": columns,
        "rows": told,
        "number": min(number, MOST_COUNTED),
        "many": number > MOST_COUNTED,
        "more": more,
        "moment": datetime,
    }
    values |= {"span": timedelta, "back": address(scope), "period": words.period(scope.period)}
    return office.page(request, person, "console/report_rows.html", **values)


async def _opened(
    session: AsyncSession, scope: Scope, behind: Rows, before: int | None
) -> tuple[Sequence[tuple[Any, ...]], int]:
    found = await opened(session, scope, behind, before, PAGE + 1)
    return found, await number_of(session, scope, behind, MOST_COUNTED + 1)


def _where(request: Request) -> dict[str, str]:
    given = [(name, word) for name, word in request.query_params.multi_items() if name.startswith(PREFIX)]
    return {name.removeprefix(PREFIX): word[:100] for name, word in given[:MOST_CONDITIONS]}
