"""`/docs`: REST's documentation, to be read and tried in a browser without the internet."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request, Response

from console.office import language_of
from web.pages import Pages


def document_rest(app: FastAPI, pages: Pages, now: Callable[[], datetime]) -> None:
    """Takes the place of FastAPI's own page, which loads its libraries from another host."""

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return pages.page("api.html", language_of(request), now())
