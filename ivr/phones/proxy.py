"""The WebSocket of a tab's phone, `/phone/ws`: SIP to and from Asterisk's own, which listens on loopback only."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from ivr.phones.accounts import Held, PhoneAccounts
from ivr.phones.errors import PhoneError
from ivr.phones.guard import Pace, permitted
from people.errors import PeopleError
from people.web import check_origin

log = logging.getLogger(__name__)

SUBPROTOCOL = "sip"
TICKET = "alo185."
"""The second subprotocol that a tab offers: this and its ticket. So no address and no log holds the ticket."""
FROM_HERE = "127.0.0.185"
"""Our own address on loopback: who comes from 127.0.0.1 is to Asterisk a phone of this machine, without a password."""
ASTERISK_SAYS = 65_536
"""Bytes of Asterisk's longest message."""
ANSWERS_WITHIN = 6.0

GOODBYE = 4000
"""What a tab closes with that needs its phone no more."""
EXPIRED, OVER, NOT_SIP, TOO_FAST, AWAY = 4001, 4002, 4003, 4004, 4005
"""What we close with, and why."""
FOR_GOOD = frozenset({GOODBYE, 1000, 1001, EXPIRED, OVER, NOT_SIP, TOO_FAST})
"""1001: a page that is left or closed takes its call with it. Any other end may be the network's, or our restart."""
_STATUS = {"phone_unknown": 403, "phone_in_use": 409}


class PhoneProxy:
    """ASGI. Whoever has a ticket speaks to Asterisk, in that account's name and for as long as it lasts."""

    def __init__(self, accounts: PhoneAccounts, now: Callable[[], datetime], asterisk_http_port: int) -> None:
        self._accounts, self._now = accounts, now
        self._url = f"ws://127.0.0.1:{asterisk_http_port}/ws"

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        tab = WebSocket(scope, receive, send)  # type: ignore[arg-type]
        try:
            held = await self._admitted(tab)
        except PeopleError as refused:
            return await _refuse(tab, 403, refused.code)
        except PhoneError as refused:
            return await _refuse(tab, _STATUS.get(refused.code, 503), refused.code)
        code = AWAY
        try:
            code = await self._carry(tab, held)
        finally:
            await asyncio.shield(self._accounts.disconnect(held, for_good=code in FOR_GOOD))

    async def _admitted(self, tab: WebSocket) -> Held:
        if "origin" not in tab.headers:
            raise PeopleError("This request came from no page.", "other_site")
        check_origin(tab)
        offered = tab.scope["subprotocols"]
        tickets = [name.removeprefix(TICKET) for name in offered if name.startswith(TICKET)]
        if SUBPROTOCOL not in offered or len(tickets) != 1:
            raise PhoneError("This is no phone.", "phone_unknown")
        return await self._accounts.connect(tickets[0])

    async def _carry(self, tab: WebSocket, held: Held) -> int:
        """The code with which the connection ended; the tab's own if it was the tab that closed it."""
        await tab.accept(subprotocol=SUBPROTOCOL)
        try:
            asterisk = await connect(
                self._url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                local_addr=(FROM_HERE, 0),
                open_timeout=ANSWERS_WITHIN,
                close_timeout=1,
                ping_interval=None,
                max_size=ASTERISK_SAYS,
                compression=None,
                proxy=None,
            )
        except (OSError, TimeoutError, InvalidHandshake) as error:
            log.warning("no phone in a browser: Asterisk's WebSocket cannot be reached (%s)", error)
            return await _close(tab, AWAY)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(asterisk.close)
            await held.connected(held.account)
            return await self._until_over(tab, asterisk, held)

    async def _until_over(self, tab: WebSocket, asterisk: ClientConnection, held: Held) -> int:
        left = (held.account.expires - self._now()).total_seconds()
        ends = {
            asyncio.create_task(self._from_tab(tab, asterisk, held)),
            asyncio.create_task(_from_asterisk(tab, asterisk)),
            asyncio.create_task(_when(held.over, OVER)),
        }
        try:
            done, _ = await asyncio.wait(ends, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        code = done.pop().result() if done else EXPIRED
        return await _close(tab, code)

    async def _from_tab(self, tab: WebSocket, asterisk: ClientConnection, held: Held) -> int:
        pace = Pace()
        try:
            while True:
                said = await tab.receive_text()
                if not pace.keeps():
                    return TOO_FAST
                if not permitted(said, held.account.name):
                    log.warning("a phone in a browser was closed: what it said is no SIP of its own")
                    return NOT_SIP
                if said.startswith("BYE "):
                    held.said_bye = self._now()
                await asterisk.send(said)
        except WebSocketDisconnect as closed:
            return closed.code
        except KeyError:  # a frame of bytes
            return NOT_SIP
        except ConnectionClosed:
            return AWAY


async def _from_asterisk(tab: WebSocket, asterisk: ClientConnection) -> int:
    with contextlib.suppress(ConnectionClosed, RuntimeError, OSError, WebSocketDisconnect):
        async for said in asterisk:
            await tab.send_text(said if isinstance(said, str) else said.decode(errors="replace"))
    return AWAY


async def _when(happened: asyncio.Event, code: int) -> int:
    await happened.wait()
    return code


async def _close(tab: WebSocket, code: int) -> int:
    with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect):  # it is closed already
        await tab.close(code)
    return code


async def _refuse(tab: WebSocket, status: int, code: str) -> None:
    await tab.send_denial_response(PlainTextResponse(code, status))
