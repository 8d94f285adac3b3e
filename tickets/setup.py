"""Units, routing and promises as administrators set them up. Nothing here commits: the edge does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.models import Area
from outbox.mail import checked_address
from outbox.models import Endpoint
from people import audit
from tickets.errors import TicketError
from tickets.history import checked
from tickets.kinds import Category, Urgency
from tickets.search import e164
from tickets.unit_models import CategoryRow, ChainStep, Route, ServiceLevel, Unit, Week
from tickets.working_time import calendar

LONGEST_NAME = 120
MOST_MINUTES = 60 * 24 * 60


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What an administrator says of a unit. `week` None: always on duty."""

    name: str
    email: str = ""
    phone: str = ""
    webhook_id: int | None = None
    week: Week | None = None
    stand_in_id: int | None = None
    answer_minutes: int = 30
    active: bool = True


@dataclass(frozen=True, slots=True)
class LevelFacts:
    urgency: Urgency
    category: Category | None
    answer_minutes: int
    site_minutes: int | None
    solution_minutes: int
    always: bool


class Setup:
    """One administrator's work in one session. `who` is written into the audit log."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str, zone: ZoneInfo) -> None:
        self.session, self.now, self.who, self.zone = session, now, who, zone

    async def units(self, *, active: bool = False) -> Sequence[Unit]:
        query = select(Unit).order_by(Unit.name)
        return (await self.session.scalars(query.where(Unit.active) if active else query)).all()

    async def unit(self, unit_id: int) -> Unit:
        """Raises `unknown_unit`."""
        unit = await self.session.get(Unit, unit_id)
        if unit is None:
            raise TicketError("There is no such unit.", "unknown_unit")
        return unit

    async def save_unit(self, unit_id: int | None, facts: UnitFacts) -> Unit:
        """A new unit, or all of one anew."""
        unit = await self.unit(unit_id) if unit_id else Unit()
        name = checked(facts.name, "name", LONGEST_NAME)
        if name is None:
            raise TicketError("A unit needs a name.", "no_name")
        same = await self.session.scalar(select(Unit.id).where(Unit.name == name, Unit.id != (unit_id or 0)))
        if same:
            raise TicketError("There is a unit of this name already.", "name_taken")
        if facts.week is not None:
            calendar(facts.week, self.zone)
        if facts.webhook_id and await self.session.get(Endpoint, facts.webhook_id) is None:
            raise TicketError("There is no such webhook.", "unknown_webhook")
        if facts.stand_in_id is not None and facts.stand_in_id == unit_id:
            raise TicketError("A unit cannot stand in for itself.", "bad_stand_in")
        unit.name, unit.week, unit.active, unit.changed = name, facts.week, facts.active, self.now()
        unit.email = checked_address(facts.email) if facts.email.strip() else None
        unit.phone = e164(facts.phone) if facts.phone.strip() else None
        unit.webhook_id, unit.answer_minutes = facts.webhook_id, _minutes(facts.answer_minutes)
        unit.stand_in_id = (await self.unit(facts.stand_in_id)).id if facts.stand_in_id else None
        self.session.add(unit)
        await self.session.flush()
        await self._note("unit_saved", f"unit:{unit.id}", name=name, active=facts.active)
        return unit

    async def chain(self, unit_id: int) -> Sequence[ChainStep]:
        query = select(ChainStep).where(ChainStep.unit_id == unit_id).order_by(ChainStep.position)
        return (await self.session.scalars(query)).all()

    async def add_step(self, unit_id: int, name: str, email: str, phone: str, minutes: int) -> ChainStep:
        """The last to be told."""
        unit, told = await self.unit(unit_id), checked(name, "name", LONGEST_NAME)
        if told is None:
            raise TicketError("Say who is told.", "no_name")
        last = await self.session.scalar(select(func.max(ChainStep.position)).where(ChainStep.unit_id == unit.id))
        step = ChainStep(unit_id=unit.id, position=(last or 0) + 1, name=told, minutes=_minutes(minutes))
        step.email = checked_address(email) if email.strip() else None
        step.phone = e164(phone) if phone.strip() else None
        self.session.add(step)
        await self._note("chain_changed", f"unit:{unit.id}", added=told)
        return step

    async def remove_step(self, unit_id: int, step_id: int) -> None:
        step = await self.session.get(ChainStep, step_id)
        if step is None or step.unit_id != unit_id:
            raise TicketError("This unit's chain has no such person.", "unknown_step")
        await self.session.delete(step)
        await self._note("chain_changed", f"unit:{unit_id}", removed=step.name)

    async def routes(self) -> Sequence[tuple[Route, Unit, Area | None]]:
        """In the order in which they are tried."""
        query = select(Route, Unit, Area).join(Unit, Unit.id == Route.unit_id)
        query = query.outerjoin(Area, Area.id == Route.district_id).order_by(Route.position, Route.id)
        return [(route, unit, area) for route, unit, area in await self.session.execute(query)]

    async def add_route(
        self, position: int, category: Category | None, urgency: Urgency | None, district_id: int | None, unit_id: int
    ) -> Route:
        if not 1 <= position <= 9999:
            raise TicketError("A row's place is a number from 1 to 9999.", "bad_position")
        district = await self.session.get(Area, district_id) if district_id else None
        if district_id and (district is None or district.district_id is not None):
            raise TicketError("Choose a district.", "no_such_area")
        unit = await self.unit(unit_id)
        route = Route(position=position, category=category, urgency=urgency, district_id=district_id, unit_id=unit.id)
        self.session.add(route)
        await self.session.flush()
        await self._note("route_added", f"route:{route.id}", unit=unit.name, position=position)
        return route

    async def remove_route(self, route_id: int) -> None:
        route = await self.session.get(Route, route_id)
        if route is None:
            raise TicketError("There is no such row.", "unknown_route")
        await self.session.delete(route)
        await self._note("route_removed", f"route:{route_id}", position=route.position)

    async def categories(self) -> dict[Category, Urgency]:
        found = {row.category: row.urgency for row in await self.session.scalars(select(CategoryRow))}
        return {category: found.get(category, Urgency.normal) for category in Category}

    async def set_category(self, category: Category, urgency: Urgency) -> None:
        await self.session.merge(CategoryRow(category=category, urgency=urgency))
        await self._note("category_set", f"category:{category}", urgency=urgency)

    async def levels(self) -> Sequence[ServiceLevel]:
        rows = (await self.session.scalars(select(ServiceLevel))).all()
        order = list(Urgency)
        return sorted(rows, key=lambda row: (order.index(row.urgency), row.category or ""))

    async def save_level(self, facts: LevelFacts) -> ServiceLevel:
        """The promises of an urgency, of all categories or of one."""
        same = (ServiceLevel.urgency == facts.urgency, ServiceLevel.category.is_not_distinct_from(facts.category))
        row = await self.session.scalar(select(ServiceLevel).where(*same)) or ServiceLevel(
            urgency=facts.urgency, category=facts.category
        )
        row.answer_minutes, row.solution_minutes = _minutes(facts.answer_minutes), _minutes(facts.solution_minutes)
        row.site_minutes = None if facts.site_minutes is None else _minutes(facts.site_minutes)
        row.always = facts.always
        if not row.answer_minutes <= (row.site_minutes or row.answer_minutes) <= row.solution_minutes:
            raise TicketError("The times must rise: accepted, on site, solved.", "bad_minutes")
        self.session.add(row)
        await self._note("level_saved", f"level:{facts.urgency}", category=facts.category)
        return row

    async def remove_level(self, urgency: Urgency, category: Category) -> None:
        """That category keeps the promises of all the others."""
        same = (ServiceLevel.urgency == urgency, ServiceLevel.category == category)
        await self.session.execute(delete(ServiceLevel).where(*same))
        await self._note("level_removed", f"level:{urgency}", category=category)

    async def _note(self, what: str, subject: str, **detail: Any) -> None:
        await audit.record(self.session, self.now, self.who, what, subject, **detail)


def _minutes(minutes: int) -> int:
    if not 1 <= minutes <= MOST_MINUTES:
        raise TicketError(f"Minutes are a number from 1 to {MOST_MINUTES}.", "bad_minutes")
    return minutes


def week_of(from_: str, until: str, days: Sequence[int]) -> Week:
    """The same hours on each of these weekdays; Monday is 0."""
    return {str(day): [[from_, until]] for day in sorted(set(days))}
