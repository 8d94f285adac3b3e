"""Whether calls are taken is told before any application is asked, and nothing else is."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from ivr.ari.door import AriDoor
from ivr.serving import CallServer, configuration
from ivr.web import SAFE
from tests.lines import Lines

ASTERISK = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*\r\n\r\n"
LAST = b"GET /health?last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
DOOR, APPLICATION = {"by": "door"}, {"by": "application"}


@dataclass
class Asked:
    """A server whose door and whose application answer differently."""

    port: int = 0
    status: HTTPStatus = HTTPStatus.OK

    def health(self) -> tuple[HTTPStatus, dict[str, str]]:
        return self.status, DOOR

    async def tells(self, *packets: bytes) -> bytes:
        """All that comes back until the other end closes; each packet waits for the answer to the one before."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""
        try:
            async with asyncio.timeout(30):
                for number, packet in enumerate(packets):
                    answer += await reader.readuntil(b"}") if number == 1 else b""
                    writer.write(packet)
                return answer + await reader.read()
        finally:
            writer.close()


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    app = FastAPI()

    @app.api_route("/health", methods=["GET", "POST"])
    async def health() -> dict[str, str]:
        return APPLICATION

    asked, lines = Asked(), Lines("ari", tmp_path)
    ari = AriDoor(lines.exchange, lines.equipment, "a password")
    with socket.create_server(("127.0.0.1", 0)) as door:
        asked.port = door.getsockname()[1]
        server = CallServer(configuration(app, ari, asked.health, lifespan="off"), lines.exchange, patience=1)
        serving = asyncio.create_task(server.serve([door]))
        yield asked
        server.should_exit = True
        await serving


def bodies(answers: bytes) -> list[dict[str, str]]:
    return [json.loads(answer.partition(b"\r\n\r\n")[2]) for answer in answers.split(b"HTTP/1.1 ")[1:]]


async def test_asterisk_is_told_at_once_and_the_connection_is_closed(asked: Asked) -> None:
    answer = await asked.tells(ASTERISK)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(body) == DOOR
    for name, value in (SAFE | {"Content-Length": str(len(body)), "Connection": "close"}).items():
        assert f"\r\n{name}: {value}".encode() in head


async def test_no_calls_are_brought_to_who_takes_none(asked: Asked) -> None:
    asked.status = HTTPStatus.SERVICE_UNAVAILABLE
    assert (await asked.tells(ASTERISK)).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


async def test_the_watchdog_asks_on_one_connection_which_serves_pages_too(asked: Asked) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{asked.port}") as client:
        for _ in range(3):
            assert (await client.get("/health")).json() == DOOR
        assert (await client.get("/nothing")).status_code == 404
        assert (await client.get("/health")).json() == APPLICATION


@pytest.mark.parametrize(
    "question",
    [
        LAST,
        LAST.replace(b"?last", b"").replace(b"Connection", b"Content-Length: 0\r\nConnection"),
        LAST.replace(b"?last", b"").replace(b"Connection", b"X-Other: 1\r\nConnection"),
        LAST.replace(b"?last", b"").replace(b"GET", b"POST"),
    ],
)
async def test_every_other_question_is_the_applications(asked: Asked, question: bytes) -> None:
    assert bodies(await asked.tells(question)) == [APPLICATION]


async def test_the_body_of_another_request_is_no_question(asked: Asked) -> None:
    post = b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(ASTERISK)
    assert bodies(await asked.tells(post, ASTERISK, LAST)) == [APPLICATION, APPLICATION]
