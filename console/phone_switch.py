"""Whether anybody may call 185 from a browser: administrators say so here, and it holds at once everywhere."""

from typing import Annotated, Literal

from fastapi import Form, Request, Response

from console.office import go
from console.routing import Administrator, TheOffice, part
from people.switches import PHONE_PAGE, throw, thrown

HERE = "/console/system/phone"
To = Literal["open", "closed", "left"]
_ON: dict[To, bool | None] = {"open": True, "closed": False, "left": None}

api = part("/system/phone")


@api.get("")
async def show(office: TheOffice, request: Request, person: Administrator) -> Response:
    async with office.db.reading() as session:
        held = await thrown(session, PHONE_PAGE)
    opened = held.on if held else office.phone_page
    return office.page(
        request, person, "console/phone_switch.html", held=held, opened=opened, setting=office.phone_page
    )


@api.post("")
async def switch(office: TheOffice, person: Administrator, to: Annotated[To, Form()]) -> Response:
    async with office.db.session() as session:
        await throw(session, office.now, person.name, PHONE_PAGE, _ON[to])
        await session.commit()
    return go(HERE, {"open": "phone_opened", "closed": "phone_closed", "left": "phone_left"}[to])
