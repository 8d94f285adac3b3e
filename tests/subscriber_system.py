"""A stand-in for the utility's own system: a small HTTP server that answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

AYSE = {
    "number": "4532170",
    "name": "Ayşe Yılmaz",
    "phones": ["+905321234567"],
    "district": "Gebze",
    "neighbourhood": "Yeni Mahalle",
    "debt": 125.5,
}


@dataclass
class OtherSystem:
    """What was asked, and how the next questions are answered."""

    url: str = ""
    people: list[dict[str, Any]] = field(default_factory=lambda: [AYSE])
    status: int = 200
    body: bytes | None = None
    """In place of the answer."""
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answer(self, question: dict[str, Any]) -> bytes:
        if self.body is not None:
            return self.body
        found = [
            p for p in self.people if question.get("phone") in p["phones"] or question.get("number") == p["number"]
        ]
        return json.dumps({"subscribers": found}).encode()


@asynccontextmanager
async def other_system() -> AsyncIterator[OtherSystem]:
    system = OtherSystem()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            sent = {name.lower(): value for name, value in fields.items()}
            question = json.loads(await reader.readexactly(int(sent.get("content-length", "0"))))
            system.asked.append(question)
            system.paths.append(head.split(" ")[1])
            system.tokens.append(sent.get("authorization", ""))
            if system.silent:
                await reader.read()  # until whoever asks goes away
                return
            body = system.answer(question)
            more = "".join(f"{name}: {value}\r\n" for name, value in system.headers.items())
            writer.write(
                f"HTTP/1.1 {system.status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # whoever asked has heard enough
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    system.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield system
