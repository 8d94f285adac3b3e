"""Stand-ins for the service and its sounds, so that Asterisk's own part is tested against the real Asterisk alone."""

import asyncio
import contextlib
import json
import socket
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ivr.asterisk.configure import Folders, configure
from ivr.asterisk.install import ensure_asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.dialplan import VARIABLES
from ivr.settings import Settings
from prompts.audio import Master, encoded, integers, whole
from prompts.formats import NARROW, WIDE
from tests.ports import free_ports


def babble(seed: int, seconds: float) -> Master:
    """Speech-like sound, different for each seed: noise in the telephone band that swells four times a second."""
    count = int(seconds * WIDE) // 320 * 320
    samples = np.random.default_rng(seed).normal(size=count)
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(count, 1 / WIDE)
    spectrum[(frequency < 300) | (frequency > 1500)] = 0
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(count) / WIDE)
    sound = np.fft.irfft(spectrum, count) * swell
    return whole((sound / np.abs(sound).max() * 0.4).astype(np.float32))


def put_sound(target: Path, seed: int, seconds: float) -> Path:
    """Write a sound as the service's prompts are; returns its path without extension."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix, content in encoded(babble(seed, seconds)).items():
        Path(f"{target}.{suffix}").write_bytes(content)
    return target


def put_wav(target: Path, seed: int, seconds: float) -> Path:
    """The same sound as put_sound's, as the WAV that a phone speaks."""
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(NARROW)
        out.writeframes(integers(babble(seed, seconds).narrow).tobytes())
    return target


def live_settings(state: Path, **changes: object) -> Settings:
    sip, http, port, agi = free_ports(4)
    first = 40000 + sip % 100 * 200
    given = {
        "state": state,
        "sip_port": sip,
        "asterisk_http_port": http,
        "port": port,
        "agi_port": agi,
        "driver": "agi",
        "rtp_ports": (first, first + 198),
        **changes,
    }
    return Settings(_env_file=None, **given)


@contextlib.asynccontextmanager
async def asterisk(settings: Settings) -> AsyncIterator[AsteriskServer]:
    found = ensure_asterisk()
    configure(settings, found)
    async with AsteriskServer(found, settings) as server:
        yield server


def sounds_of(settings: Settings) -> Path:
    return Folders(settings.asterisk.absolute()).sounds


class Agi:
    """One call's FastAGI conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.given: dict[str, str] = {}

    async def begin(self) -> None:
        while line := (await self._reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            self.given[name] = value

    async def begin_command(self, command: str) -> None:
        self._writer.write(command.encode() + b"\n")
        await self._writer.drain()

    async def say(self, command: str) -> str:
        await self.begin_command(command)
        return (await self._reader.readline()).decode().strip()

    async def key(self, seconds: int) -> str:
        answer = await self.say(f"WAIT FOR DIGIT {seconds * 1000}")
        code = int(answer.partition("result=")[2] or 0)
        return chr(code) if code > 0 else ""

    async def finish(self, **variables: str) -> None:
        """Leave the caller to the dialplan, as the service does when it has finished with them."""
        for name, value in variables.items():
            assert name in VARIABLES
            await self.say(f'SET VARIABLE {name} "{value}"')


class Hung:
    """A service that is stopped: it accepts and never answers."""

    def __init__(self, settings: Settings) -> None:
        self._socket = socket.create_server((settings.host, settings.port))

    def __enter__(self) -> "Hung":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


class StandIn:
    """The service's two doors: /health, which answers `status`, and FastAGI with `conversation` behind it."""

    def __init__(
        self, settings: Settings, conversation: Callable[[Agi], Awaitable[None]], status: str = "200 OK"
    ) -> None:
        self._settings = settings
        self._status = status
        self._conversation = conversation
        self._servers: Sequence[asyncio.Server] = ()
        self.probed = 0

    async def __aenter__(self) -> "StandIn":
        host = self._settings.host
        self._servers = [
            await asyncio.start_server(self._health, host, self._settings.port),
            await asyncio.start_server(self._agi, host, self._settings.agi_port),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    async def _health(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.probed += 1
        writer.write(f"HTTP/1.1 {self._status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode())
        await writer.drain()
        writer.close()

    async def _agi(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.begin()
        with contextlib.suppress(ConnectionError):
            await self._conversation(agi)
        writer.close()


class AriStandIn:
    """The service's WebSocket door. Answers, says `prompt`, then does `after` with the channel."""

    def __init__(self, settings: Settings, prompt: Path, after: "Callable[[AriChannel], Awaitable[None]]") -> None:
        self._settings = settings
        self._prompt = prompt
        self._after = after
        self.credentials = ""
        self.application = ""

    async def __aenter__(self) -> "AriStandIn":
        host, port = self._settings.host, self._settings.port
        self._server = await serve(
            self._call, host, port, subprotocols=[Subprotocol("ari")], process_request=self._well
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def kill(self) -> None:
        """What is left of a killed service: its connections cut, nobody listening."""
        self._server.close(close_connections=False)
        for connection in self._server.connections:
            connection.transport.abort()

    def _well(self, connection: ServerConnection, request: Request) -> Response | None:
        self.credentials = request.headers.get("Authorization", self.credentials)
        return connection.respond(200, "ok") if request.path == "/health" else None

    async def _call(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                event = json.loads(message)
                if event["type"] == "StasisStart":
                    self.application = event["application"]
                    channel = AriChannel(connection, event["channel"]["id"])
                    await channel.request("POST", "answer")
                    await channel.request("POST", f"play?media=sound:{self._prompt}")
                if event["type"] == "PlaybackFinished":
                    await self._after(channel)


class AriChannel:
    """One call's ARI requests; replies are not waited for."""

    def __init__(self, connection: ServerConnection, identity: str) -> None:
        self._connection = connection
        self._identity = identity

    async def request(self, method: str, rest: str) -> None:
        uri = f"channels/{self._identity}/{rest}"
        await self._connection.send(
            json.dumps({"type": "RESTRequest", "request_id": "1", "transaction_id": "1", "method": method, "uri": uri})
        )

    async def set(self, name: str, value: str) -> None:
        await self.request("POST", f"variable?{urlencode({'variable': name, 'value': value})}")
