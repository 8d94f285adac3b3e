"""The HTTP server whose end spares the calls that it carries."""

import socket

import uvicorn

from ivr.runner import Exchange


class CallServer(uvicorn.Server):
    """Told to stop (SIGTERM), it lets calls finish first: uvicorn itself closes every WebSocket at once.

    Meanwhile `/health` goes on answering 503, so that the dialplan brings no new calls.
    """

    def __init__(self, config: uvicorn.Config, exchange: Exchange, patience: float) -> None:
        super().__init__(config)
        self._exchange = exchange
        self._patience = patience

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._exchange.drain(self._patience)
        await super().shutdown(sockets)
