"""The console put together."""

from fastapi import APIRouter, Request, Response

from console import board, events, signin
from console.office import Office
from console.routing import Viewer, page_route


def console_router(office: Office) -> APIRouter:
    """All pages below `/console`."""
    root = APIRouter(prefix="/console", include_in_schema=False, route_class=page_route(office))
    for part in (signin, events, board):
        root.include_router(part.router(office))

    @root.get("/alerts")
    async def alerts(request: Request, person: Viewer) -> Response:
        """What stands on top of every page, anew."""
        return office.page(request, person, "console/alerts.html")

    return root
