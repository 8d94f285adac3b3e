"""For everybody: where a ticket is (`/durum`), and the button behind a link that accepts one (`/onay`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from city.forms import fields_of, localized
from people.errors import PeopleError
from people.web import address_of
from storage.database import Database
from storage.errors import StorageError
from tickets.acknowledging import PATH, offered
from tickets.errors import TicketError
from tickets.parts import TicketParts
from tickets.status import status_of
from tickets.words import CATEGORY, STATE
from web.pages import Pages
from web.texts import Language

STATUS = "/durum"
_HTTP = {"no_such_status": 404, "link_unknown": 404, "link_used": 409, "wait": 429}


class TicketPages:
    """What is typed is sent by POST, so that no log and no history of a browser holds it."""

    def __init__(self, db: Database, now: Callable[[], datetime], pages: Pages, parts: TicketParts) -> None:
        self._db, self._now, self._pages, self._parts = db, now, pages, parts

    def router(self) -> APIRouter:
        api = APIRouter(include_in_schema=False)
        for language, prefix in (("tr", ""), ("en", "/en")):
            for path, show, take in (
                (STATUS, self.ask, self.status),
                (PATH, self.show_link, self.accept),
            ):
                api.add_route(f"{prefix}{path}", localized(language, show), methods=["GET"])
                api.add_route(f"{prefix}{path}", localized(language, take), methods=["POST"])
        return api

    async def ask(self, request: Request, language: Language) -> Response:
        return self._status(language)

    async def status(self, request: Request, language: Language) -> Response:
        """The state in words; the same refusal whichever of the two numbers was wrong."""
        number = ""
        try:
            fields = await fields_of(request)
            number = fields.get("number", "")[:20]
            async with self._db.session() as session:
                found = await status_of(session, self._now(), number, fields.get("digits", ""), address_of(request))
        except (TicketError, PeopleError) as refused:
            return self._status(language, number=number, wrong=refused.code, status=_HTTP.get(refused.code, 403))
        except StorageError:
            return self._status(language, number=number, wrong="away", status=503)
        at = 0 if language == "tr" else 1
        words = {"state": STATE[found.state][at], "category": CATEGORY[found.category][at]}
        return self._status(language, found=found, words=words)

    async def show_link(self, request: Request, language: Language) -> Response:
        """A button: programs that look into messages open every link, and nothing is to be accepted by that."""
        secret = request.query_params.get("t", "")
        try:
            async with self._db.reading() as session:
                _, ticket = await offered(session, secret)
        except TicketError as refused:
            return self._accept(language, wrong=refused.code, status=_HTTP[refused.code])
        except StorageError:
            return self._accept(language, wrong="away", status=503)
        return self._accept(language, number=ticket.number, secret=secret)

    async def accept(self, request: Request, language: Language) -> Response:
        try:
            secret = (await fields_of(request)).get("t", "")
            async with self._db.session() as session:
                ticket = await self._parts.handling(session, "link").accept_by_link(secret)
                await session.commit()
        except (TicketError, PeopleError) as refused:
            return self._accept(language, wrong=refused.code, status=_HTTP.get(refused.code, 403))
        except StorageError:
            return self._accept(language, wrong="away", status=503)
        return self._accept(language, number=ticket.number, done=True)

    def _status(self, language: Language, *, status: int = 200, **values: Any) -> Response:
        given = {"number": "", "wrong": "", "found": None, "words": {}} | values
        return self._page("ticket_status", language, status, path=STATUS, **given)

    def _accept(self, language: Language, *, status: int = 200, **values: Any) -> Response:
        given = {"number": "", "wrong": "", "secret": "", "done": False} | values
        return self._page("ticket_accept", language, status, path=PATH, **given)

    def _page(self, name: str, language: Language, status: int, **values: Any) -> Response:
        headers = {"Cache-Control": "no-store"}
        page = f"city/{name}.html"
        return self._pages.page(page, language, self._now(), status=status, headers=headers, **values)
