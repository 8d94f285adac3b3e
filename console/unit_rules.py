"""What goes where and by when: the routing table, how urgent each category is, and the service levels."""

from typing import Annotated, Any

from fastapi import Form, Path, Request, Response

from console.office import go, language_of
from console.routing import Administrator, TheOffice, part
from console.ticket_words import names
from tickets.kinds import Category, Urgency
from tickets.setup import LevelFacts

RULES = "/console/units/rules"
Minutes = Annotated[int, Form(ge=1, le=10**6)]
Choice = Annotated[str, Form(max_length=20)]


api = part("/units/rules")


@api.get("")
async def rules(office: TheOffice, request: Request, person: Administrator) -> Response:
    async with office.db.reading() as session:
        setup = office.tickets.setup(session, person.name)
        values: dict[str, Any] = {
            "routes": await setup.routes(),
            "units": await setup.units(active=True),
            "categories": await setup.categories(),
            "levels": await setup.levels(),
        }
    districts = sorted(office.keeper.board.districts, key=lambda district: district.name)
    told = names(language_of(request, person))
    return office.page(request, person, "console/unit_rules.html", names=told, districts=districts, **values)


@api.post("/routes")
async def add_route(
    office: TheOffice,
    person: Administrator,
    position: Annotated[int, Form(ge=1, le=9999)],
    unit: Annotated[int, Form(ge=1, le=2**31 - 1)],
    category: Choice = "",
    urgency: Choice = "",
    district: Annotated[str, Form(max_length=9, pattern=r"^\d*$")] = "",
) -> Response:
    async with office.db.session() as session:
        where = int(district) if district else None
        setup = office.tickets.setup(session, person.name)
        await setup.add_route(position, _category(category), _urgency(urgency), where, unit)
        await session.commit()
    return go(RULES, "rules_saved")


@api.post("/routes/{route_id}/remove")
async def remove_route(
    office: TheOffice, person: Administrator, route_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    async with office.db.session() as session:
        await office.tickets.setup(session, person.name).remove_route(route_id)
        await session.commit()
    return go(RULES, "rules_saved")


@api.post("/categories")
async def set_category(
    office: TheOffice, person: Administrator, category: Annotated[Category, Form()], urgency: Annotated[Urgency, Form()]
) -> Response:
    async with office.db.session() as session:
        await office.tickets.setup(session, person.name).set_category(category, urgency)
        await session.commit()
    return go(RULES, "rules_saved")


@api.post("/levels")
async def save_level(
    office: TheOffice,
    person: Administrator,
    urgency: Annotated[Urgency, Form()],
    answer: Minutes,
    solution: Minutes,
    category: Choice = "",
    site: Annotated[str, Form(max_length=7, pattern=r"^\d*$")] = "",
    always: Annotated[bool, Form()] = False,
) -> Response:
    """Promises that run already keep their times."""
    facts = LevelFacts(urgency, _category(category), answer, int(site) if site else None, solution, always)
    async with office.db.session() as session:
        await office.tickets.setup(session, person.name).save_level(facts)
        await session.commit()
    return go(RULES, "rules_saved")


@api.post("/levels/remove")
async def remove_level(
    office: TheOffice, person: Administrator, urgency: Annotated[Urgency, Form()], category: Annotated[Category, Form()]
) -> Response:
    async with office.db.session() as session:
        await office.tickets.setup(session, person.name).remove_level(urgency, category)
        await session.commit()
    return go(RULES, "rules_saved")


def _category(chosen: str) -> Category | None:
    return Category(chosen) if chosen in Category.__members__ else None


def _urgency(chosen: str) -> Urgency | None:
    return Urgency(chosen) if chosen in Urgency.__members__ else None
