"""The console put together."""

from fastapi import APIRouter, Request, Response

from console import (
    audit,
    board,
    emergencies,
    events,
    imports,
    keys,
    listening,
    mass_call,
    oidc,
    outage_editor,
    outage_list,
    outage_page,
    people,
    phone_pages,
    signin,
    system,
    ticket_page,
    tickets,
    unit_inbox,
    unit_rules,
    units,
    wall,
    webhooks,
)
from console.office import Office
from console.routing import Viewer, part

PAGES = (
    signin,
    oidc,
    events,
    board,
    outage_list,
    outage_editor,
    outage_page,
    tickets,
    ticket_page,
    unit_inbox,
    unit_rules,
    units,
    wall,
    listening,
    mass_call,
    emergencies,
    phone_pages,
    imports,
    system,
    people,
    keys,
    webhooks,
    audit,
)


def console_router(office: Office) -> APIRouter:
    """All pages below `/console`."""
    root = APIRouter()
    for pages in PAGES:
        root.include_router(pages.router(office))
    frame = part(office)

    @frame.get("/alerts")
    async def alerts(request: Request, person: Viewer) -> Response:
        """What stands on top of every page, anew."""
        return office.page(request, person, "console/alerts.html")

    root.include_router(frame)
    return root
