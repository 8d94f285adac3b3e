"""The HTTP server whose end spares the calls that it carries."""

import gc
import socket

import uvicorn
from fastapi import FastAPI

from ivr.ari.straight import StraightWebSocket
from ivr.runner import Exchange
from ivr.settings import Settings

DRAIN = 8.0
"""Seconds that running calls may take to finish when the service is told to stop."""
WS_MESSAGE = 1 << 20
"""Bytes; ARI's largest events are a few thousand."""


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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._exchange.drain(self._patience)
        await super().shutdown(sockets)


def serve(app: FastAPI, settings: Settings) -> None:
    """Run the application that `ivr.app.create_app` made until SIGTERM."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        ws=StraightWebSocket,
        ws_max_size=WS_MESSAGE,
        ws_per_message_deflate=False,
    )
    CallServer(config, app.state.exchange, patience=DRAIN).run()
