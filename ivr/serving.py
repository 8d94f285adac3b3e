"""The HTTP server: calls over ARI come in by its port too, and its end spares the calls that it carries."""

import asyncio
import gc
import json
import re
import socket
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ivr import dialplan
from ivr.ari.door import AriDoor
from ivr.ari.socket import response
from ivr.runner import Exchange
from ivr.settings import Settings
from ivr.web import SAFE

DRAIN = 8.0
"""Seconds that running calls may take to finish when the service is told to stop."""
WS_MESSAGE = 1 << 20
"""Bytes of one message of any other WebSocket."""
GARBAGE = (20_000, 20, 100)
"""When to look for garbage: nearly all that calls leave goes by itself, and looking through 400 of them is dear."""
ARI_PATH = dialplan.ARI_PATH.encode()
ASKS_HEALTH = re.compile(
    rb"GET %s HTTP/1\.1\r\n(?i:(?:host|user-agent|accept(?:-encoding)?|connection): [ -~]*\r\n)*\r\n"
    % dialplan.HEALTH_PATH.encode()
)
"""The whole question, as Asterisk and the watchdog ask it. One with any other header is left to the application."""
KEEP_ALIVE = b"connection: keep-alive"
KEPT_ALIVE = 5.0
"""Seconds."""
Health = Callable[[], tuple[HTTPStatus, Mapping[str, object]]]


class FirstWords(asyncio.Protocol):
    """A connection that has asked nothing yet but whether calls are taken, as the dialplan does before every call.

    No application is asked, and no HTTP server is made: they took longer to answer than the call itself.
    """

    def __init__(self, ari: AriDoor, health: Health, **server: Any) -> None:
        self._http = partial(CallHttp, ari, **server)
        self._health = health
        self._connections: set[object] = server["server_state"].connections
        self._limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def data_received(self, data: bytes) -> None:
        if not ASKS_HEALTH.fullmatch(data):
            self._go_on(data)
            return
        stays = KEEP_ALIVE in data.lower()
        self._transport.write(told(self._health(), stays=stays))
        if self._limit:
            self._limit.cancel()
        if stays:
            self._limit = asyncio.get_running_loop().call_later(KEPT_ALIVE, self._transport.close)
        else:
            self._transport.close()

    def shutdown(self) -> None:
        """The server's stop."""
        self._transport.close()

    def _go_on(self, data: bytes) -> None:
        self._gone()
        http = self._http()
        http.connection_made(self._transport)
        self._transport.set_protocol(http)
        http.data_received(data)

    def _gone(self) -> None:
        self._connections.discard(self)
        if self._limit:
            self._limit.cancel()


class CallHttp(HttpToolsProtocol):
    """uvicorn's HTTP, with the way to calls turned off before any application is asked."""

    def __init__(self, ari: AriDoor, **server: Any) -> None:
        super().__init__(**server)
        self._ari = ari

    def handle_websocket_upgrade(self) -> None:
        if self.url.partition(b"?")[0] != ARI_PATH:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        if arrived := self._ari.knocked(self.transport, self.headers, self.connections.discard):
            self.connections.add(arrived)  # type: ignore[arg-type]  # it wants what can be shut down


def told(health: tuple[HTTPStatus, Mapping[str, object]], *, stays: bool) -> bytes:
    """How calls are taken, as an answer."""
    status, what = health
    body = json.dumps(what).encode()
    headers = {"Content-Type": "application/json", "Content-Length": len(body), **SAFE}
    return response(status, headers if stays else {**headers, "Connection": "close"}) + body


class CallServer(uvicorn.Server):
    """Told to stop (SIGTERM), it lets calls finish first: uvicorn itself closes every WebSocket at once.

    Meanwhile `/health` goes on answering 503, so that the dialplan brings no new calls.
    """

    def __init__(self, config: uvicorn.Config, exchange: Exchange, patience: float) -> None:
        super().__init__(config)
        self._exchange = exchange
        self._patience = patience

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """What is there by now stays as long as the process: looking for garbage in it only takes time from calls."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._exchange.drain(self._patience)
        await super().shutdown(sockets)


def configuration(app: FastAPI, ari: AriDoor, health: Health, **more: Any) -> uvicorn.Config:
    """How the application is served, and calls beside it."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=partial(FirstWords, ari, health),  # type: ignore[arg-type]  # whatever makes a protocol does
        ws="websockets-sansio",
        ws_max_size=WS_MESSAGE,
        ws_per_message_deflate=False,
        **more,
    )


def serve(app: FastAPI, settings: Settings) -> None:
    """Run the application that `ivr.app.create_app` made until SIGTERM."""
    room = app.state.room
    config = configuration(app, app.state.ari, room.health, host=settings.host, port=settings.port)
    CallServer(config, room.exchange, patience=DRAIN).run()
