"""Opens a figure: the rows that it was counted from, newest first, page by page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from calls.models import CallRecord
from dialling.models import CallAttempt, OutboundCall
from outages.models import Outage
from reports import called_back, hotline, reported, waterless
from reports.errors import ReportError
from reports.figures import Rows, Scope
from reports.sql import Condition
from tickets.models import Ticket, TicketClock

PAGE = 50
Filters = Callable[[Scope], dict[str, Callable[[str], Condition]]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows of one kind come from."""

    model: Any
    at: Any
    """By which they are in order: what the period is told by, so that old ones are found without reading all newer."""
    conditions: Callable[[Scope], list[Condition]]
    filters: Filters
    with_: Any = None
    """What its row is shown with."""
    sealed: Sequence[Any] = ()
    """What is not read from the database: nobody is shown it."""


def _promise_filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    return reported.filters(scope) | reported.promise_filters(scope)


SOURCES: Mapping[str, Source] = {
    "calls": Source(
        CallRecord, CallRecord.started, hotline.conditions, hotline.filters, sealed=(CallRecord.heard, CallRecord.keys)
    ),
    "tickets": Source(Ticket, Ticket.opened, reported.conditions, reported.filters),
    "promises": Source(TicketClock, Ticket.opened, reported.conditions, _promise_filters, Ticket),
    "citizens": Source(OutboundCall, OutboundCall.finished, called_back.conditions, called_back.filters),
    "attempts": Source(
        CallAttempt,
        CallAttempt.at,
        called_back.attempt_conditions,
        called_back.attempt_filters,
        OutboundCall,
        (CallAttempt.heard, CallAttempt.keys),
    ),
    "outages": Source(Outage, Outage.starts, waterless.conditions, waterless.filters),
}


async def opened(
    session: AsyncSession, scope: Scope, rows: Rows, before: int | None = None, limit: int = PAGE
) -> Sequence[tuple[Any, ...]]:
    """Each row, with the ticket or call that it belongs to. Raises `unknown_figure`."""
    source = _source(rows)
    shown = [source.model] if source.with_ is None else [source.model, source.with_]
    query = _joined(select(*shown), source).where(*_conditions(source, scope, rows))
    query = query.options(*(defer(column, raiseload=True) for column in source.sealed))
    if before is not None:
        query = query.where(await _older(session, source, before))
    found = await session.execute(query.order_by(source.at.desc(), source.model.id.desc()).limit(limit))
    return [tuple(row) for row in found]


async def number_of(session: AsyncSession, scope: Scope, rows: Rows, most: int | None = None) -> int:
    """How many rows there are behind it, counted no further than `most`. Raises `unknown_figure`."""
    source = _source(rows)
    query = _joined(select(source.model.id), source).where(*_conditions(source, scope, rows)).limit(most)
    return await session.scalar(select(func.count()).select_from(query.subquery())) or 0


async def _older(session: AsyncSession, source: Source, before: int) -> Condition:
    """Than the row of that id."""
    at = await session.scalar(_joined(select(source.at), source).where(source.model.id == before))
    if at is None:
        raise _unknown()
    return or_(source.at < at, and_(source.at == at, source.model.id < before))


def _joined(query: Select[Any], source: Source) -> Select[Any]:
    if source.with_ is Ticket:
        return query.select_from(TicketClock).join(Ticket, Ticket.id == TicketClock.ticket_id)
    if source.with_ is OutboundCall:
        return query.select_from(CallAttempt).join(OutboundCall, OutboundCall.id == CallAttempt.outbound_id)
    return query


def _source(rows: Rows) -> Source:
    if rows.what not in SOURCES:
        raise _unknown()
    return SOURCES[rows.what]


def _conditions(source: Source, scope: Scope, rows: Rows) -> list[Condition]:
    known = source.filters(scope)
    if not all(word.isprintable() for word in rows.where.values()):
        raise _unknown()
    try:
        return [*source.conditions(scope), *(known[name](word) for name, word in rows.where.items())]
    except (KeyError, ValueError, OverflowError):
        raise _unknown() from None


def _unknown() -> ReportError:
    return ReportError("There is no such figure in a report.", "unknown_figure", "Raporda böyle bir sayı yok.")
