"""Where Asterisk's per-call WebSocket arrives: one connection, one call, one task."""

import asyncio
import base64
import binascii
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from callflows.call import CallEnded
from ivr import dialplan
from ivr.ari.arrival import Arrival
from ivr.ari.call import AriCall
from ivr.ari.session import AriError, AriSession, Event
from ivr.ari.straight import go_straight
from ivr.line import Equipment
from ivr.runner import Exchange, Outgoing

log = logging.getLogger(__name__)

SUBPROTOCOL = "ari"
CLOSED_WITHIN = 8.0
"""Seconds; Asterisk takes up to 3.5."""


Errand = Callable[[str], Awaitable[Outgoing | None]]


async def nothing_placed(token: str) -> Outgoing | None:
    """For a house that calls nobody."""
    return None


def ari_router(exchange: Exchange, equipment: Equipment, password: str, errand: Errand = nothing_placed) -> APIRouter:
    """Serves `/ari` to whoever knows the password. A caller whom it cannot take goes on in the dialplan.

    `errand` knows, by its token, what is said in a call that we placed.
    """
    return APIRouter(routes=[WebSocketRoute(dialplan.ARI_PATH, AriEndpoint(exchange, equipment, password, errand))])


class AriEndpoint:
    """An ASGI application of its own: some thirty messages a call are too many for what a framework does with each."""

    def __init__(
        self, exchange: Exchange, equipment: Equipment, password: str, errand: Errand = nothing_placed
    ) -> None:
        self._errand = errand
        self._exchange = exchange
        self._equipment = equipment
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refused := self._refused(scope):
            status, why = refused
            log.warning("an ARI connection was refused: %s", why)
            challenge = {"WWW-Authenticate": 'Basic realm="alo185"'} if status == 401 else {}
            await WebSocket(scope, receive, send).send_denial_response(PlainTextResponse(why, status, challenge))
            return
        await receive()  # websocket.connect
        await self._serve(scope, receive, send)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        if not authentic(Headers(scope=scope).get("authorization", ""), self._password):
            return 401, "the user or password is wrong"
        if SUBPROTOCOL not in scope["subprotocols"]:
            return 400, "the subprotocol ari is needed"
        return None if self._exchange.open else (503, "no more calls are taken")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = AriSession(lambda text: send({"type": "websocket.send", "text": text}))
        arrival = Arrival(session)
        go_straight(scope, partial(_take, session))
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        reading = asyncio.create_task(_read(receive, session))
        try:
            if started := await arrival.call():
                await self._take(AriCall(session, started, self._equipment), started)
        except CallEnded:
            log.warning("an ARI connection brought no call")
        finally:
            # Asterisk closes some seconds after the call has left us; were we first, it would connect again.
            await asyncio.wait({reading}, timeout=0.0 if session.lost else CLOSED_WITHIN)
            with contextlib.suppress(RuntimeError, OSError):  # it was closed already
                await send({"type": "websocket.close"})
            await reading

    async def _take(self, call: AriCall, started: Event) -> None:
        arguments = started.get("args")
        if not arguments:
            await self._exchange.take(call)
        elif outgoing := await self._outgoing(arguments):
            await self._exchange.take(call, outgoing)
        else:
            log.warning("somebody answered a call that we know nothing of; the dialplan hangs up")
            await call.let_go()

    async def _outgoing(self, arguments: object) -> Outgoing | None:
        match arguments:
            case [dialplan.CALL_BACK, str(token)]:
                return await self._errand(token)
        return None


async def _read(receive: Receive, session: AriSession) -> None:
    """Pass on what Asterisk says until either side closes."""
    try:
        while (message := await receive())["type"] == "websocket.receive":
            _take(session, message.get("text") or "")
    finally:
        session.over()


def _take(session: AriSession, text: str) -> None:
    if session.lost:
        return
    try:
        session.received(text)
    except AriError as error:
        log.warning("an ARI connection was closed: %s", error)
        session.over()
    except Exception:  # whatever it is, the call must not wait for ever for events that nobody reads
        log.exception("an ARI connection was closed")
        session.over()


def authentic(authorization: str, password: str) -> bool:
    """Whether a Basic authorization header holds our user and password, compared in constant time."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{dialplan.ARI_USER}:{password}".encode()
    return secrets.compare_digest(given, expected) and scheme.lower() == "basic"
