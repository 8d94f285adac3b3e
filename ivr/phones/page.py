"""`/phone`: anybody calls 185 from a page and reads what is said. No session, no cookie: an account for each call."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from city.crowd import Crowd
from city.forms import localized
from ivr import dialplan
from ivr.phones.errors import PhoneError
from ivr.phones.switchboard import SOCKET_PATH, BrowserPhones
from people.errors import PeopleError
from people.switches import Switched
from people.web import address_of, check_origin
from web.pages import Pages
from web.texts import Language

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
PATH = "/phone"
LONGEST_CALL = timedelta(minutes=30)
FROM_ONE_ADDRESS, TOGETHER = 40, 2000
"""Calls an hour."""
HEADERS = {"Cache-Control": "no-store", "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)"}
_HTTP = {"other_site": 403, "too_often": 429, "phones_full": 503, "phone_unknown": 403}


class PhonePage:
    """`phones` is None where Asterisk hands calls over by FastAGI: then the page says what is missing.

    `opened` is asked anew for each page and call. A call that runs when it is closed goes on to its end.
    """

    def __init__(
        self,
        pages: Pages,
        now: Callable[[], datetime],
        phones: BrowserPhones | None,
        opened: Switched,
        *,
        crowd: Crowd | None = None,
    ) -> None:
        self._pages, self._now, self._phones = pages, now, phones
        self._opened = opened
        self._crowd = crowd or Crowd(each=FROM_ONE_ADDRESS, together=TOGETHER)

    def router(self) -> APIRouter:
        api = APIRouter(include_in_schema=False)
        for language, prefix in (("tr", ""), ("en", "/en")):
            api.add_route(f"{prefix}{PATH}", localized(language, self.show), methods=["GET"])
        api.add_route(f"{PATH}/account", self.account, methods=["POST"])
        api.add_route(f"{PATH}/captions", self.captions, methods=["GET"])
        return api

    async def show(self, request: Request, language: Language) -> Response:
        closed = "needs_ari" if self._phones is None else "" if await self._opened.on() else "closed"
        if not closed and not self._pages.assets.url("vendor/jssip.js"):
            closed = "no_library"
        status = 404 if closed == "closed" else 200
        return self._pages.page(
            "phone/phone.html", language, self._now(), status=status, headers=HEADERS, path=PATH, closed=closed
        )

    async def account(self, request: Request) -> Response:
        """What a page needs for one call. It is of no use to anybody else, and of none once the page is closed."""
        try:
            check_origin(request)
            if self._phones is None or not await self._opened.on():
                raise PhoneError("There is no phone here.", "phone_unknown")
            if not self._crowd.lets(address_of(request)):
                raise PhoneError("Too many calls from one address.", "too_often")
            await self._phones.asterisk.ask("GET", "/asterisk/ping")
            account = self._phones.accounts.create(None, dialplan.BROWSER_CONTEXT, LONGEST_CALL)
        except (PeopleError, PhoneError) as refused:
            return JSONResponse({"code": refused.code}, _HTTP.get(refused.code, 503), headers=HEADERS)
        made = {"user": account.name, "password": account.password, "ticket": account.ticket}
        return JSONResponse({**made, "path": SOCKET_PATH, "register": False}, headers=HEADERS)

    async def captions(self, request: Request) -> Response:
        """Server-sent events of the call that was placed with this ticket."""
        scheme, _, ticket = request.headers.get("Authorization", "").partition(" ")
        account = self._phones.accounts.by_ticket(ticket) if self._phones and scheme == "Ticket" else None
        if account is None or self._phones is None:
            return JSONResponse({"code": "phone_unknown"}, 403, headers=HEADERS)
        stream = self._phones.captions.stream(account.name)
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
