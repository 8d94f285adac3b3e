"""The WebSocket that Asterisk opens for a call, from its handshake to its end.

A protocol on the loop itself: with some thirty messages a call, what a server for applications of all kinds does with
each (a queue, a paused transport, a task to wake) took more time than the call.
"""

import asyncio
import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from callflows.call import CallEnded
from ivr.ari.frames import CLOSE, NORMAL, PING, PONG, RESTARTING, TEXT, WRONG_TEXT, Frames, WrongFrame, frame
from ivr.ari.session import LONGEST_MESSAGE, AriError, AriSession

log = logging.getLogger(__name__)

SUBPROTOCOL = "ari"
VERSION = "13"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY_BYTES = 16

Headers = Mapping[str, str]


class AriSocket(asyncio.Protocol):
    """One connection. What it brings goes to its `session`; `closed` is done when it is gone."""

    def __init__(self, transport: asyncio.Transport, gone: Callable[["AriSocket"], object]) -> None:
        self._transport = transport
        self._gone = gone
        self._frames = Frames(LONGEST_MESSAGE)
        self.session = AriSession(self._send)
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        try:
            for opcode, payload in self._frames.feed(data):
                if self._transport.is_closing():
                    return
                self._took(opcode, payload)
        except WrongFrame as error:
            log.warning("an ARI connection was closed: %s", error)
            self.close(error.status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone(self)
        self.session.over()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """A call asks for some hundred bytes at a time: who does not even take those has stopped reading."""
        log.warning("an ARI connection was closed: nobody reads at its other end")
        self._transport.abort()

    def close(self, status: int = NORMAL) -> None:
        """Say good-bye and close. What was sent before still goes out."""
        if not self._transport.is_closing():
            self._transport.write(frame(CLOSE, status.to_bytes(2, "big")))
            self._transport.close()
        self.session.over()

    def shutdown(self) -> None:
        """The server's stop."""
        self.close(RESTARTING)

    def _took(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._heard(payload)
        elif opcode == PING:
            self._transport.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self.close()

    def _heard(self, payload: bytes) -> None:
        try:
            self.session.received(payload.decode())
        except UnicodeDecodeError:
            raise WrongFrame(WRONG_TEXT, "a message is no UTF-8") from None
        except AriError as error:
            log.warning("an ARI connection was closed: %s", error)
            self.close()
        except Exception:  # whatever it is, the call must not wait for ever for events that nobody reads
            log.exception("an ARI connection was closed")
            self.close()

    def _send(self, text: str) -> None:
        if self._transport.is_closing():
            raise CallEnded
        self._transport.write(frame(TEXT, text.encode()))


def headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Names in lower case; what is given several times is a list."""
    told: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        told[key] = f"{told[key]}, {text}" if key in told else text
    return told


def wrong_handshake(headers: Headers) -> str | None:
    """Why this is no WebSocket for ARI."""
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or headers.get("sec-websocket-version") != VERSION:
        return "this is no WebSocket handshake of version 13"
    offered = [offer.strip() for offer in headers.get("sec-websocket-protocol", "").split(",")]
    return None if SUBPROTOCOL in offered else "the subprotocol ari is needed"


def welcome(headers: Headers) -> bytes:
    """The answer that opens the connection."""
    digest = hashlib.sha1(headers["sec-websocket-key"].encode() + GUID, usedforsecurity=False).digest()
    return response(
        HTTPStatus.SWITCHING_PROTOCOLS,
        {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": base64.b64encode(digest).decode(),
            "Sec-WebSocket-Protocol": SUBPROTOCOL,
        },
    )


def refusal(status: HTTPStatus, why: str, more: Mapping[str, str]) -> bytes:
    body = why.encode()
    told = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
    return response(status, {**told, **more}) + body


def response(status: HTTPStatus, headers: Mapping[str, Any]) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
