"""The console put together."""

from fastapi import APIRouter, Request, Response

from console import board, events, signin, wall
from console.office import Office
from console.routing import Viewer, part


def console_router(office: Office) -> APIRouter:
    """All pages below `/console`."""
    root = APIRouter()
    for pages in (signin, events, board, wall):
        root.include_router(pages.router(office))
    frame = part(office)

    @frame.get("/alerts")
    async def alerts(request: Request, person: Viewer) -> Response:
        """What stands on top of every page, anew."""
        return office.page(request, person, "console/alerts.html")

    root.include_router(frame)
    return root
