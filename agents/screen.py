"""What an agent sees before the first word: who calls, from where, and all that they have told already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.handed_over import Told
from calls.models import CallRecord, RememberedCaller
from outages.board import AreaView, Board, OutageView
from tickets.kinds import Category, Urgency
from tickets.life import State
from tickets.models import Ticket
from tickets.privacy import pseudonym
from tickets.unit_models import CategoryRow

MOST_CALLS, MOST_TICKETS = 5, 5
LOOKED_BACK = timedelta(days=90)
COVERED = (Category.no_water, Category.low_pressure)
"""What a known outage explains."""


class Subscriber(Protocol):
    """What is shown of a subscriber; `subscribers.service.Subscriber` is one."""

    @property
    def number(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def area_id(self) -> int | None: ...
    @property
    def address(self) -> str | None: ...


class SubscriberSource(Protocol):
    async def by_phone(self, number: str) -> Sequence[Any]: ...

    async def seen(self, who: str, subscriber: Any, how: str) -> None:
        """It is noted down that somebody looked."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A call as the queue offers it. `caller`: Asterisk's id of the caller's channel."""

    caller: str
    number: str | None = None
    waited: float = 0.0
    queue: str = ""
    rang: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The ticket that would be opened, as far as it is known."""

    category: Category | None
    urgency: Urgency | None
    area_id: int | None
    outage_id: int | None


@dataclass(frozen=True, slots=True)
class ScreenPop:
    offered: Offered
    told: Told | None
    """None for who was never in the line."""
    number: str | None
    area: AreaView | None
    remembered: bool
    """The area is that of an earlier call, and was not named in this one."""
    outages: tuple[OutageView, ...]
    coming: tuple[OutageView, ...]
    broadcasts: tuple[str, ...]
    tickets: tuple[Ticket, ...]
    calls: tuple[CallRecord, ...]
    subscribers: tuple[Subscriber, ...]
    draft: Draft

    @property
    def hazard(self) -> bool:
        return self.told is not None and self.told.reason == "hazard"

    @property
    def language(self) -> str:
        return self.told.language if self.told else "tr"


class Screen:
    """Makes screen-pops. `secret`: of callers' pseudonyms."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def pop(
        self,
        session: AsyncSession,
        offered: Offered,
        told: Told | None,
        board: Board,
        now: datetime,
        subscribers: SubscriberSource | None = None,
    ) -> ScreenPop:
        """`subscribers` None: for an agent who may not see them, or where there are none."""
        number = told.number if told else offered.number
        hashed = pseudonym(number, self._secret) if number else None
        known = tuple(await subscribers.by_phone(number)) if subscribers and number else ()
        area_id, remembered = await self._area(session, told, hashed)
        area = board.area(area_id) if area_id is not None else _of_subscriber(board, known)
        outages = tuple(board.current(area.id, now)) if area else ()
        return ScreenPop(
            offered=offered,
            told=told,
            number=number,
            area=area,
            remembered=remembered,
            outages=outages,
            coming=tuple(board.upcoming(area.id, now)) if area else (),
            broadcasts=tuple(view.text["tr"] for view in _on_air(board, area, now)),
            tickets=await _tickets(session, hashed, told),
            calls=await _calls(session, hashed, told, now),
            subscribers=known,
            draft=await _draft(session, told, area, outages),
        )

    async def _area(self, session: AsyncSession, told: Told | None, hashed: str | None) -> tuple[int | None, bool]:
        """Named in this call, or remembered with consent."""
        memory = await session.get(RememberedCaller, hashed) if hashed else None
        if told and told.area_id is not None:
            return told.area_id, memory is not None and memory.area_id == told.area_id
        return (memory.area_id, True) if memory else (None, False)


def _of_subscriber(board: Board, known: Sequence[Subscriber]) -> AreaView | None:
    return next((area for each in known if each.area_id and (area := board.area(each.area_id))), None)


def _on_air(board: Board, area: AreaView | None, now: datetime) -> Sequence[Any]:
    return board.broadcasts_now(now, board.district_of(area).id if area else None)


async def _tickets(session: AsyncSession, hashed: str | None, told: Told | None) -> tuple[Ticket, ...]:
    """Those that are not closed, and the one that this call made, whoever's number it has."""
    mine = select(Ticket).where(Ticket.number_hash == hashed, Ticket.state != State.closed)
    found = list(await session.scalars(mine.order_by(Ticket.id.desc()).limit(MOST_TICKETS))) if hashed else []
    if told and told.ticket_number and told.ticket_number not in [each.number for each in found]:
        found[:0] = await session.scalars(select(Ticket).where(Ticket.number == told.ticket_number))
    return tuple(found)


async def _calls(session: AsyncSession, hashed: str | None, told: Told | None, now: datetime) -> tuple[CallRecord, ...]:
    if hashed is None:
        return ()
    query = select(CallRecord).where(CallRecord.caller_hash == hashed, CallRecord.started > now - LOOKED_BACK)
    query = query.where(CallRecord.call_id != (told.call_id if told else ""))
    return tuple(await session.scalars(query.order_by(CallRecord.started.desc()).limit(MOST_CALLS)))


async def _draft(
    session: AsyncSession, told: Told | None, area: AreaView | None, outages: Sequence[OutageView]
) -> Draft:
    """What was pressed in the line; else what a known outage makes likely. A danger is a burst until it is seen."""
    area_id = area.id if area else None
    if told and told.reason == "hazard":
        return Draft(Category.burst_main, Urgency.hazard, area_id, None)
    category = told.category if told else None
    if category is None and outages:
        category = Category.no_water
    row = await session.get(CategoryRow, category) if category else None
    outage = outages[0].id if outages and category in COVERED else None
    return Draft(category, row.urgency if row else None, area_id, outage)
