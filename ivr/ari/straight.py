"""uvicorn's WebSocket, with a shorter way in for what has some thirty messages in every call."""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

STRAIGHT = "alo185.straight"
"""The extension of the ASGI scope that takes a function to call with each message in the place of `receive`."""

Take = Callable[[str], None]


class StraightWebSocket(WebSocketsSansIOProtocol):
    """Stops reading, fills a queue and wakes a task for every message, unless the application has given a function."""

    _take: Take | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if scope := getattr(self, "scope", None):  # there is none when the handshake was refused
            scope["extensions"][STRAIGHT] = self._go_straight

    def handle_text(self, event: Frame) -> None:
        if self._take and event.fin:
            self._take(bytes(event.data).decode(errors="replace"))
        else:
            super().handle_text(event)

    def shutdown(self) -> None:
        """To close what Asterisk is closing already raises in uvicorn, which ends the orderly stop of the service."""
        if self.conn.state is State.CLOSING:
            self.transport.close()
        else:
            super().shutdown()

    def _go_straight(self, take: Take) -> None:
        self._take = take


def go_straight(scope: Any, take: Take) -> None:
    """Have `take` called with each message, where the server can; else they come by `receive`."""
    if straight := scope.get("extensions", {}).get(STRAIGHT):
        straight(take)
