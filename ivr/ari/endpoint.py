"""Where Asterisk's per-call WebSocket arrives: one connection, one call, one task."""

import asyncio
import base64
import binascii
import contextlib
import logging
import secrets

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketState

from callflows.call import CallEnded
from ivr import dialplan
from ivr.ari.arrival import Arrival
from ivr.ari.call import AriCall
from ivr.ari.session import AriError, AriSession
from ivr.line import Equipment
from ivr.runner import Exchange

log = logging.getLogger(__name__)

SUBPROTOCOL = "ari"
CLOSED_WITHIN = 8.0
"""Seconds; Asterisk takes up to 3.5."""


def ari_router(exchange: Exchange, equipment: Equipment, password: str) -> APIRouter:
    """Serves `/ari` to whoever knows the password. A caller whom it cannot take goes on in the dialplan."""
    router = APIRouter()

    @router.websocket(dialplan.ARI_PATH)
    async def ari(websocket: WebSocket) -> None:
        if not authentic(websocket.headers.get("authorization", ""), password):
            await _deny(websocket, 401, "the user or password is wrong")
        elif SUBPROTOCOL not in websocket.scope.get("subprotocols", []):
            await _deny(websocket, 400, "the subprotocol ari is needed")
        elif not exchange.open:
            await _deny(websocket, 503, "no more calls are taken")
        else:
            await websocket.accept(subprotocol=SUBPROTOCOL)
            await _serve(websocket, exchange, equipment)

    return router


def authentic(authorization: str, password: str) -> bool:
    """Whether a Basic authorization header holds our user and password, compared in constant time."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{dialplan.ARI_USER}:{password}".encode()
    return secrets.compare_digest(given, expected) and scheme.lower() == "basic"


async def _deny(websocket: WebSocket, status: int, why: str) -> None:
    log.warning("an ARI connection was refused: %s", why)
    headers = {"WWW-Authenticate": 'Basic realm="alo185"'} if status == 401 else {}
    await websocket.send_denial_response(PlainTextResponse(why, status, headers))


async def _serve(websocket: WebSocket, exchange: Exchange, equipment: Equipment) -> None:
    session = AriSession(websocket.send_text)
    arrival = Arrival(session)
    reading = asyncio.create_task(_read(websocket, session))
    try:
        if started := await arrival.call():
            await exchange.take(AriCall(session, started, equipment))
    except CallEnded:
        log.warning("an ARI connection brought no call")
    finally:
        # Asterisk closes some seconds after the call has left us; were we first, it would connect again.
        await asyncio.wait({reading}, timeout=CLOSED_WITHIN)
        await close(websocket)
        await reading


async def _read(websocket: WebSocket, session: AriSession) -> None:
    """Pass on what Asterisk says until either side closes."""
    try:
        while True:
            session.received(await websocket.receive_text())
    except WebSocketDisconnect:
        pass
    except (AriError, KeyError) as error:
        log.warning("an ARI connection was closed: %s", error)
    except Exception:  # whatever it is, the call must not wait for ever for events that nobody reads
        log.exception("an ARI connection was closed")
    finally:
        session.over()
        await close(websocket)


async def close(websocket: WebSocket) -> None:
    if websocket.client_state is WebSocketState.CONNECTED and websocket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, OSError):
            await websocket.close()
