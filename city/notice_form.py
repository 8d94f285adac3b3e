"""The form by which citizens ask to be told of planned outages. No session, no cookie: nothing that another site could
ride on."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from city.addresses import AddressBook
from city.crowd import Crowd
from city.forms import fields_of, localized
from city.search import LONGEST, find
from notices.consent import PRESENT, TEXTS
from notices.errors import NoticeError
from notices.models import Way
from notices.service import NoticeService
from outages.board import AreaView, Board
from people.errors import PeopleError
from people.web import address_of
from storage.database import Database
from storage.errors import StorageError
from web.pages import Pages
from web.texts import Language

SOONEST, LATEST = 2, 86_400
"""Seconds between opening the form and sending it: programs are quicker, and forgotten pages slower."""
Fields = Mapping[str, str]


class NoticeForm:
    """Pages below `/haber-ver` and `/en/haber-ver`."""

    def __init__(
        self,
        db: Database,
        board: Callable[[], Board],
        book: AddressBook,
        now: Callable[[], datetime],
        pages: Pages,
        secret: str,
        crowd: Crowd | None = None,
    ) -> None:
        self._db, self._board, self._book, self._now = db, board, book, now
        self._pages, self._secret, self._crowd = pages, secret, crowd or Crowd()

    def router(self) -> APIRouter:
        api = APIRouter(include_in_schema=False)
        for language, prefix in (("tr", ""), ("en", "/en")):
            for path, show, take in (
                ("/haber-ver", self.show, self.take),
                ("/haber-ver/iptal", self.show_leaving, self.take_leaving),
            ):
                api.add_route(f"{prefix}{path}", localized(language, show), methods=["GET"])
                api.add_route(f"{prefix}{path}", localized(language, take), methods=["POST"])
        return api

    async def show(self, request: Request, language: Language) -> Response:
        """The place first, then the number."""
        place = request.query_params.get("yer", "")[:200]
        typed = request.query_params.get("q", "")[:LONGEST]
        return self._form(language, self._area(place), typed=typed)

    async def take(self, request: Request, language: Language) -> Response:
        """The same answer whether a number was known before or not."""
        try:
            fields = await fields_of(request)
        except PeopleError:
            return self._form(language, None, wrong="other_site", status=403)
        area = self._area(fields.get("yer", ""))
        if area is None:
            return self._form(language, None, wrong="unknown_area", status=422)
        if fields.get("website"):  # hidden from people; whatever fills it is not one
            return self._page("done", language, area=area)
        if wrong := self._doubt(fields, address_of(request)):
            status = 429 if wrong == "too_often" else 422
            return self._form(language, area, fields=fields, wrong=wrong, status=status)
        try:
            await self._ask(fields, area, language)
        except NoticeError as refused:
            if refused.code != "too_many_places":  # to say so would tell that the number is on the list
                return self._form(language, area, fields=fields, wrong=refused.code, status=422)
        except StorageError:
            return self._form(language, area, fields=fields, wrong="away", status=503)
        return self._page("done", language, area=area)

    async def show_leaving(self, request: Request, language: Language) -> Response:
        """A button: programs that look into messages open every link, and nobody is to leave by that."""
        return self._page("leave", language, token=request.query_params.get("t", "")[:80], left=False)

    async def take_leaving(self, request: Request, language: Language) -> Response:
        try:
            fields = await fields_of(request)
            async with self._db.session() as session:
                await NoticeService(session, self._now, self._secret).leave(fields.get("t", ""))
                await session.commit()
        except PeopleError:
            return self._form(language, None, wrong="other_site", status=403)
        except StorageError:
            return self._form(language, None, wrong="away", status=503)
        return self._page("leave", language, token="", left=True)

    async def _ask(self, fields: Fields, area: AreaView, language: Language) -> None:
        async with self._db.session() as session:
            service = NoticeService(session, self._now, self._secret)
            way: Way = "call" if fields.get("way") == "call" else "sms"
            version = fields.get("consent", "")
            await service.ask(
                fields.get("number", ""), area.id, way=way, language=language, source="web", consent=version
            )
            await session.commit()

    def _doubt(self, fields: Fields, address: str) -> str | None:
        """Why it is not taken, as the end of a text's key."""
        if not self._stamped(fields.get("stamp", "")):
            return "stale"
        if fields.get("consent") not in TEXTS:
            return "no_consent"
        return None if self._crowd.lets(address) else "too_often"

    def _stamp(self) -> str:
        told = str(int(self._now().timestamp()))
        return f"{told}.{hmac.new(self._secret.encode(), f'form {told}'.encode(), hashlib.sha256).hexdigest()[:32]}"

    def _stamped(self, stamp: str) -> bool:
        told, _, signature = stamp.partition(".")
        if not told.isdecimal() or len(told) > 12 or not stamp.isascii():
            return False
        wanted = hmac.new(self._secret.encode(), f"form {told}".encode(), hashlib.sha256).hexdigest()[:32]
        age = self._now().timestamp() - int(told)
        return hmac.compare_digest(wanted, signature) and SOONEST <= age <= LATEST

    def _area(self, place: str) -> AreaView | None:
        area_id = self._book.addresses.area_at.get(place)
        return self._board().area(area_id) if area_id is not None else None

    def _form(
        self,
        language: Language,
        area: AreaView | None,
        *,
        fields: Fields | None = None,
        typed: str = "",
        wrong: str = "",
        status: int = 200,
    ) -> Response:
        paths, board = self._book.addresses.path_of, self._board()
        hits = [(hit, paths.get(hit.id, "")) for hit in find(board, typed)] if typed and area is None else []
        consent = TEXTS[PRESENT][language]
        return self._page(
            "ask", language, status, area=area, place=paths.get(area.id, "") if area else "", typed=typed, hits=hits,
            fields=fields or {}, wrong=wrong, stamp=self._stamp(), consent=consent, version=PRESENT,
        )  # fmt: skip

    def _page(self, name: str, language: Language, status: int = 200, **values: Any) -> Response:
        headers = {"Cache-Control": "no-store"}
        page = f"city/notice_{name}.html"
        return self._pages.page(
            page, language, self._now(), status=status, headers=headers, board=self._board(), **values
        )
