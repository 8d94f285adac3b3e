"""The HTTP server: calls over ARI come in by its port too, and its end spares the calls that it carries."""

import gc
import socket
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ivr import dialplan
from ivr.ari.door import AriDoor
from ivr.runner import Exchange
from ivr.settings import Settings

DRAIN = 8.0
"""Seconds that running calls may take to finish when the service is told to stop."""
WS_MESSAGE = 1 << 20
"""Bytes of one message of any other WebSocket."""
GARBAGE = (20_000, 20, 100)
"""When to look for garbage: nearly all that calls leave goes by itself, and looking through 400 of them is dear."""
ARI_PATH = dialplan.ARI_PATH.encode()


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


def configuration(app: FastAPI, ari: AriDoor, **more: Any) -> uvicorn.Config:
    """How the application is served, and calls beside it."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=partial(CallHttp, ari),  # type: ignore[arg-type]  # whatever makes a protocol does
        ws="websockets-sansio",
        ws_max_size=WS_MESSAGE,
        ws_per_message_deflate=False,
        **more,
    )


def serve(app: FastAPI, settings: Settings) -> None:
    """Run the application that `ivr.app.create_app` made until SIGTERM."""
    config = configuration(app, app.state.ari, host=settings.host, port=settings.port)
    CallServer(config, app.state.room.exchange, patience=DRAIN).run()
