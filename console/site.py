"""The console put together."""

from fastapi import Request, Response
from starlette.routing import BaseRoute

from console import (
    audit,
    board,
    call_back_deciding,
    call_backs,
    desk,
    desk_call,
    desk_setup,
    dialler,
    dialler_history,
    dialler_rules,
    doubts,
    emergencies,
    events,
    imports,
    kept_places,
    keys,
    listening,
    mail_log,
    mass_call,
    oidc,
    outage_actions,
    outage_editor,
    outage_list,
    outage_page,
    people,
    phone_pages,
    phone_switch,
    promises,
    recordings,
    report_readers,
    report_rows,
    reports,
    signin,
    subscriber_acts,
    subscriber_imports,
    subscribers,
    supervisor,
    system,
    ticket_page,
    tickets,
    unit_inbox,
    unit_rules,
    units,
    wall,
    webhooks,
)
from console.routing import TheOffice, Viewer, part

PAGES = (
    signin,
    oidc,
    events,
    board,
    doubts,
    outage_list,
    outage_editor,
    outage_page,
    outage_actions,
    tickets,
    ticket_page,
    unit_inbox,
    unit_rules,
    units,
    desk_setup,
    desk,
    desk_call,
    recordings,
    supervisor,
    kept_places,
    promises,
    reports,
    report_rows,
    report_readers,
    call_backs,
    call_back_deciding,
    dialler,
    dialler_history,
    dialler_rules,
    subscribers,
    subscriber_imports,
    subscriber_acts,
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
    mail_log,
    phone_switch,
    audit,
)

api = part()


@api.get("/alerts")
async def alerts(office: TheOffice, request: Request, person: Viewer) -> Response:
    """What stands on top of every page, anew."""
    return office.page(request, person, "console/alerts.html")


def console_routes() -> list[BaseRoute]:
    """All pages below `/console`, whole as they are: routers that include them would put each together twice more.

    The application gives `app.state.office`.
    """
    return [route for router in (*(pages.api for pages in PAGES), api) for route in router.routes]
