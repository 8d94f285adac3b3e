"""The board page: what is out now and next."""

from fastapi import APIRouter, Request, Response

from console.office import Office
from console.routing import Viewer, part


def router(office: Office) -> APIRouter:
    api = part(office)

    @api.get("")
    async def board(request: Request, person: Viewer) -> Response:
        held = office.keeper.board
        return office.page(request, person, "console/board.html", board=held)

    return api
