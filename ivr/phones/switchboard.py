"""The phones in browsers of this process, put together: accounts, their WebSocket, and the page for everybody."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from starlette.routing import WebSocketRoute

from ivr.phones.accounts import PhoneAccounts
from ivr.phones.asterisk import PhoneAsterisk
from ivr.phones.captions import Captions
from ivr.phones.floor import Floor, Members
from ivr.phones.proxy import PhoneProxy
from ivr.settings import Settings

SOCKET_PATH = "/phone/ws"


class BrowserPhones:
    """`accounts` makes phones for pages; `members` and `floor` act on agents' queues and calls."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self.asterisk = PhoneAsterisk(settings)
        self.accounts = PhoneAccounts(self.asterisk, now, settings.phone_page_calls)
        self.captions = Captions(self.accounts)
        self.members, self.floor = Members(self.asterisk), Floor(self.asterisk, settings.dial)
        self._proxy = PhoneProxy(self.accounts, now, settings.asterisk_http_port)

    def router(self) -> APIRouter:
        return APIRouter(routes=[WebSocketRoute(SOCKET_PATH, self._proxy)])

    async def start(self) -> None:
        self.accounts.start()

    async def stop(self) -> None:
        await self.accounts.stop()
        await self.asterisk.close()
