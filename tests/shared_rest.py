"""REST's routes, put together once for all tests of a process: that takes longer than most of them.

What the routes work on is lent to them for each request, by the application that was asked.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

import outages.endpoints
import reports.endpoints
import tickets.endpoints
from storage.database import Database
from tests.report_world import ISTANBUL
from tests.ticket_world import SECRET
from tickets.files import Files
from tickets.parts import TicketParts
from tickets.telling import Teller

Now = Callable[[], datetime]
PREFIX = "/api/v1"


@dataclass(frozen=True)
class _Lent:
    db: Database
    now: Now
    parts: TicketParts | None = None


_lent: ContextVar[_Lent] = ContextVar("lent")


def outages_rest(db: Database, now: Now, *, review_planned: bool = False) -> FastAPI:
    return _application(_outages(review_planned), _Lent(db, now))


def reports_rest(db: Database, now: Now) -> FastAPI:
    return _application(_reports(), _Lent(db, now))


def tickets_rest(db: Database, parts: TicketParts) -> FastAPI:
    """The secret of `parts` is that of the tests."""
    assert parts.secret == SECRET
    return _application(_tickets(), _Lent(db, parts.teller.now, parts))


class _Lending:
    """Whoever is asked lends."""

    def __init__(self, app: ASGIApp, lent: _Lent) -> None:
        self._app, self._lent = app, lent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _lent.set(self._lent)
        await self._app(scope, receive, send)


class _Borrowed:
    """Something of the application that was asked."""

    def __init__(self, found: Callable[[], Any]) -> None:
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found(), name)


def _now() -> datetime:
    return _lent.get().now()


class _BorrowedTeller(_Borrowed):
    now = staticmethod(_now)


def _lent_parts() -> TicketParts:
    parts = _lent.get().parts
    assert parts
    return parts


_DB = cast(Database, _Borrowed(lambda: _lent.get().db))


@cache
def _outages(review_planned: bool) -> tuple[BaseRoute, ...]:
    return _included(outages.endpoints.router(_DB, _now, review_planned=review_planned))


@cache
def _reports() -> tuple[BaseRoute, ...]:
    return _included(reports.endpoints.router(_DB, _now, ISTANBUL))


@cache
def _tickets() -> tuple[BaseRoute, ...]:
    teller, files = _BorrowedTeller(lambda: _lent_parts().teller), _Borrowed(lambda: _lent_parts().files)
    parts = TicketParts(cast(Teller, teller), cast(Files, files), SECRET)
    return _included(tickets.endpoints.router(_DB, parts))


def _included(router: APIRouter) -> tuple[BaseRoute, ...]:
    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix=PREFIX)
    return tuple(app.router.routes)


def _application(routes: tuple[BaseRoute, ...], lent: _Lent) -> FastAPI:
    app = FastAPI()
    app.router.routes.extend(routes)
    app.add_middleware(_Lending, lent=lent)
    return app
