"""A receiver of webhooks on loopback, a real HTTP server that answers as it is told, and hand-made clocks around it."""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Remembers what arrives; answers 200 unless `answers` holds something for the next requests."""

    port: int = 0
    answers: list[Answer | int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event | None = None
    """While it is there and unset, no answer is given."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.received]

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.received.append(Received(headers, body))
        self.arrived.set()
        if self.gate:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else 200
        status, more, said = answer if isinstance(answer, tuple) else (answer, {}, b"ok")
        raw = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": said})


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[Receiver]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        receiver.port = bound.getsockname()[1]
        config = uvicorn.Config(receiver, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve([bound]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        yield receiver
        server.should_exit = True
        await serving


def signed_rightly(received: Received, secret: str) -> bool:
    """As a receiver checks it, written from the standard and not from our code."""
    told = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    given = received.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(f"v1,{wanted}", each) for each in given)
