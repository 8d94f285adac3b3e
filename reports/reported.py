"""Figures of tickets: what was reported, and how the promises of the service levels were kept."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from reports.figures import Cell, Line, Rows, Scope, Table, counts, share, summary
from reports.sql import Condition, counted, districts, in_district, local, whole, within
from storage.moments import minutes_between, quarter_of
from tickets.kinds import Category, Channel, Urgency
from tickets.levels import PROMISES
from tickets.life import OPEN, State
from tickets.models import Ticket, TicketClock

ALL, PROMISED = Rows("tickets"), Rows("promises")
SOLVED = (State.done, State.confirming, State.closed, State.unreachable)
"""The work was said to be done; so it was, once, in tickets that were reopened."""
DECIDED = ("promised", "in_time", "late", "running", "kept_share", "median", "nine_in_ten")


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
        "district": lambda word: in_district(Ticket.area_id, whole(word)),
        "hour": lambda word: within(Ticket.opened, period.hour(whole(word, 23))),
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
    tally, (hours, days) = await _tallied(session, scope), await _times(session, scope)
    found = [
        _summary(tally),
        await _promises(session, scope),
        counts("tickets.by_category", tally.categories, ALL, "category"),
        counts("tickets.by_channel", tally.channels, ALL, "channel"),
        counts("tickets.by_urgency", {u.value: tally.urgencies[u] for u in Urgency}, ALL, "urgency", top=False),
        counts("tickets.by_hour", hours, ALL, "hour", "columns", top=False),
        counts("tickets.by_day", days, ALL, "day", "columns", top=False),
        await _by_district(session, scope),
    ]
    return [table for table in found if len(table.lines) > 1 or table.key != "tickets.by_day"]


@dataclass
class Tally:
    """All that one look at the tickets tells."""

    channels: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    are: Counter[str] = field(default_factory=Counter)


async def _tallied(session: AsyncSession, scope: Scope) -> Tally:
    are = _are()
    by = (Ticket.channel, Ticket.category, Ticket.urgency)
    query = select(*by, func.count(), *(func.count().filter(each) for each in are.values()))
    tally = Tally()
    rows = await session.execute(query.where(*conditions(scope)).group_by(*by))
    for channel, category, urgency, tickets, *numbers in rows:
        tally.channels[channel.value] += tickets
        tally.categories[category.value] += tickets
        tally.urgencies[urgency.value] += tickets
        tally.are.update(dict(zip(are, numbers, strict=True)))
    return tally


def _summary(tally: Tally) -> Table:
    told = tally.are
    return summary(
        "tickets",
        [
            ("tickets", Cell(tally.channels.total(), rows=ALL)),
            *((word, Cell(told[word], rows=ALL.also(**{"is": word}))) for word in _are()),
            ("reopen_rate", share(told["reopened"], told["solved"], ALL.also(**{"is": "reopened"}))),
        ],
    )


async def _promises(session: AsyncSession, scope: Scope) -> Table:
    """What was promised for tickets of the period, in all their rounds, and how long the first round took."""
    kept = case((late(), "late"), (in_time(), "in_time"), else_="running")
    first = and_(TicketClock.round == 1, TicketClock.met.is_not(None))
    minutes = case((first, minutes_between(Ticket.opened, TicketClock.met)))
    by = (TicketClock.promise.label("promise"), kept.label("kept"), minutes.label("minutes"))
    each = select(*by).join(Ticket, Ticket.id == TicketClock.ticket_id).where(*conditions(scope)).subquery()
    decided, took = Counter[tuple[str, str]](), {promise: Counter[int]() for promise in PROMISES}
    of = (each.c.promise, each.c.kept, each.c.minutes)
    for promise, word, lasted, number in await session.execute(select(*of, func.count()).group_by(*of)):
        decided[promise, word] += number
        if lasted is not None:
            took[promise][lasted] += number
    return Table("tickets.promises", DECIDED, tuple(_promise_line(p, decided, took[p]) for p in PROMISES), None)


def _promise_line(promise: str, decided: Mapping[tuple[str, str], int], took: Counter[int]) -> Line:
    own, words = PROMISED.also(promise=promise), ("in_time", "late", "running")
    told = {word: decided.get((promise, word), 0) for word in words}
    cells = [Cell(sum(told.values()), rows=own)]
    cells += [Cell(number, rows=own.also(kept=word)) for word, number in told.items()]
    cells.append(share(told["in_time"], told["in_time"] + told["late"], own.also(kept="in_time")))
    cells += [Cell(within_which(took, percent), "minutes", own.also(first="met")) for percent in (50, 90)]
    return Line(promise, tuple(cells))


def within_which(took: Counter[int], percent: int) -> int | None:
    """Whole minutes within which so many of a hundred were done."""
    left = took.total() * percent
    for minutes in sorted(took):
        left -= took[minutes] * 100
        if left <= 0:
            return minutes
    return None


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
