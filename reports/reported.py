"""Figures of tickets: what was reported, and how the promises of the service levels were kept."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from reports.figures import Cell, Line, Rows, Scope, Table, counts, share, summary
from reports.sql import Condition, counted, districts, in_district, local, within
from storage.moments import quarter_of, seconds_between
from tickets.kinds import Category, Channel, Urgency
from tickets.levels import PROMISES
from tickets.life import OPEN, State
from tickets.models import Ticket, TicketClock

ALL, PROMISED = Rows("tickets"), Rows("promises")
SOLVED = (State.done, State.confirming, State.closed, State.unreachable)
"""The work was said to be done; so it was, once, in tickets that were reopened."""
DECIDED = ("promised", "in_time", "late", "running", "kept_share", "median", "nine_in_ten")
_MINUTE = 60.0


def conditions(scope: Scope) -> list[Condition]:
    """Tickets that were opened in the period; of a unit, those that it has now."""
    period = scope.period
    found = [Ticket.opened >= period.start, Ticket.opened < period.end]
    return found if scope.unit_id is None else [*found, Ticket.unit_id == scope.unit_id]


def filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    period = scope.period
    return {
        "channel": lambda word: Ticket.channel == Channel(word),
        "category": lambda word: Ticket.category == Category(word),
        "urgency": lambda word: Ticket.urgency == Urgency(word),
        "district": lambda word: in_district(Ticket.area_id, int(word)),
        "hour": lambda word: within(Ticket.opened, period.hour(int(word))),
        "day": lambda word: within(Ticket.opened, period.day(date.fromisoformat(word))),
        "is": lambda word: _are()[word],
    }


def promise_filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    return {
        "promise": lambda word: TicketClock.promise == _promise(word),
        "kept": lambda word: {"in_time": in_time(), "late": late(), "running": running()}[word],
        "first": lambda word: {"met": and_(TicketClock.round == 1, TicketClock.met.is_not(None))}[word],
    }


def _promise(word: str) -> str:
    return PROMISES[PROMISES.index(word)]


def _are() -> dict[str, ColumnElement[bool]]:
    return {
        "merged": Ticket.merged_into.is_not(None),
        "open": and_(Ticket.state.in_(OPEN), Ticket.merged_into.is_(None)),
        "solved": or_(Ticket.round > 1, Ticket.state.in_(SOLVED)),
        "reopened": Ticket.round > 1,
    }


def late() -> ColumnElement[bool]:
    return or_(TicketClock.breached.is_not(None), and_(TicketClock.met.is_not(None), TicketClock.met > TicketClock.due))


def in_time() -> ColumnElement[bool]:
    return and_(TicketClock.breached.is_(None), TicketClock.met.is_not(None), TicketClock.met <= TicketClock.due)


def running() -> ColumnElement[bool]:
    return and_(TicketClock.breached.is_(None), TicketClock.met.is_(None))


async def tables(session: AsyncSession, scope: Scope) -> list[Table]:
    these = conditions(scope)
    channels = await counted(session, Ticket.channel, *these)
    categories = await counted(session, Ticket.category, *these)
    urgencies = await counted(session, Ticket.urgency, *these)
    hours, days = await _times(session, scope)
    found = [
        await _summary(session, scope, sum(channels.values())),
        await _promises(session, scope),
        counts("tickets.by_category", _words(categories), ALL, "category"),
        counts("tickets.by_channel", _words(channels), ALL, "channel"),
        counts("tickets.by_urgency", {u.value: urgencies.get(u, 0) for u in Urgency}, ALL, "urgency", top=False),
        counts("tickets.by_hour", hours, ALL, "hour", "columns", top=False),
        counts("tickets.by_day", days, ALL, "day", "columns", top=False),
        await _by_district(session, scope),
    ]
    return [table for table in found if len(table.lines) > 1 or table.key != "tickets.by_day"]


async def _summary(session: AsyncSession, scope: Scope, tickets: int) -> Table:
    are, told = _are(), {}
    for word, condition in are.items():
        told[word] = await session.scalar(select(func.count()).where(*conditions(scope), condition)) or 0
    return summary(
        "tickets",
        [
            ("tickets", Cell(tickets, rows=ALL)),
            *((word, Cell(told[word], rows=ALL.also(**{"is": word}))) for word in are),
            ("reopen_rate", share(told["reopened"], told["solved"], ALL.also(**{"is": "reopened"}))),
        ],
    )


async def _promises(session: AsyncSession, scope: Scope) -> Table:
    """What was promised for tickets of the period, in all their rounds, and how long the first round took."""
    kept = {"in_time": in_time(), "late": late(), "running": running()}
    numbers = [func.count().filter(condition) for condition in kept.values()]
    query = select(TicketClock.promise, func.count(), *numbers).join(Ticket, Ticket.id == TicketClock.ticket_id)
    rows = await session.execute(query.where(*conditions(scope)).group_by(TicketClock.promise))
    found = {promise: told for promise, *told in rows}
    times = await _lasting(session, scope)
    lines = []
    for promise in PROMISES:
        own, (promised, *told) = PROMISED.also(promise=promise), found.get(promise, [0, 0, 0, 0])
        cells = [Cell(promised, rows=own)]
        cells += [Cell(n, rows=own.also(kept=word)) for word, n in zip(kept, told, strict=True)]
        cells.append(share(told[0], told[0] + told[1], own.also(kept="in_time")))
        cells += [Cell(value, "minutes", own.also(first="met")) for value in times.get(promise, (None, None))]
        lines.append(Line(promise, tuple(cells)))
    return Table("tickets.promises", DECIDED, tuple(lines), None)


async def _lasting(session: AsyncSession, scope: Scope) -> dict[str, tuple[float | None, float | None]]:
    """Minutes from the report within which half, and nine in ten, of what was promised first was done."""
    took = seconds_between(Ticket.opened, TicketClock.met)
    of_one = TicketClock.promise
    ranked = (
        select(
            of_one.label("promise"),
            took.label("took"),
            func.row_number().over(partition_by=of_one, order_by=took).label("place"),
            func.count().over(partition_by=of_one).label("all"),
        )
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .where(*conditions(scope), TicketClock.round == 1, TicketClock.met.is_not(None))
        .subquery()
    )
    place, all_ = ranked.c.place, ranked.c["all"]
    found: dict[str, list[float | None]] = {promise: [None, None] for promise in PROMISES}
    for nth, percent in enumerate((50, 90)):
        # place = ceil(percent % of all), in whole numbers
        exact = and_(place * 100 >= all_ * percent, (place - 1) * 100 < all_ * percent)
        for promise, seconds in await session.execute(select(ranked.c.promise, ranked.c.took).where(exact)):
            found[promise][nth] = seconds / _MINUTE
    return {promise: (half, most) for promise, (half, most) in found.items()}


async def _times(session: AsyncSession, scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    hours = {str(hour): 0 for hour in range(24)}
    days = {str(day): 0 for day in scope.period.days}
    for quarter, tickets in (await counted(session, quarter_of(Ticket.opened), *conditions(scope))).items():
        at = local(quarter, scope.period.zone)
        hours[str(at.hour)] += tickets
        days[str(at.date())] += tickets
    return hours, days


async def _by_district(session: AsyncSession, scope: Scope) -> Table:
    district_of, names = await districts(session)
    found = Counter[int]()
    for place, tickets in (await counted(session, Ticket.area_id, *conditions(scope))).items():
        found[district_of.get(place or 0, 0)] += tickets
    order = sorted(found, key=lambda district: (-found[district], district))
    lines = (
        Line(str(each), (Cell(found[each], rows=ALL.also(district=str(each))),), names.get(each)) for each in order
    )
    return Table("tickets.by_district", ("count",), tuple(lines))


def _words(found: dict[Category, int] | dict[Channel, int]) -> dict[str, int]:
    return {str(word): number for word, number in found.items()}
