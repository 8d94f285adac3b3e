"""The telephone side of a call, over real sockets: what Asterisk sends and accepts, in the order in which it does.

Orders and replies were taken from traces of Asterisk 22.10.1. Time is virtual: a prompt lasts until `finish`.
"""

import asyncio
import base64
import json
import wave
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROMPT_SECONDS = 2.0
PROMPT_SAMPLES = 16000
PATIENCE = 30.0


SILENCE = "silence-"
"""Milliseconds follow in the name of such a file."""


class FakePhone(ABC):
    """A caller and the Asterisk between them and the service."""

    passes_over: bool
    """Whether a file that is missing in a list is left out, where it ends the list otherwise."""

    def __init__(self, number: str, recordings: Path) -> None:
        self.number = number
        self.recordings = recordings
        self.variables: dict[str, str] = {}
        self.answered = False
        self.missing: set[str] = set()
        self.started: list[str] = []
        self.playing: str | None = None
        self.lasts = PROMPT_SECONDS
        """Of the prompt that is playing."""
        self.recording: str | None = None
        self.left: str | None = None
        """How the call left the service: `hung_up` or `dialplan`."""
        self._changed = asyncio.Condition()

    async def hears(self, name: str) -> None:
        """Wait until the prompt begins."""
        await self._until(lambda: self.playing == name)

    async def hears_to_the_end(self, *names: str) -> None:
        for name in names:
            await self.hears(name)
            await self.finish()

    async def beep(self) -> None:
        await self._until(lambda: self.recording is not None)

    async def over(self) -> str:
        await self._until(lambda: self.left is not None)
        assert self.left
        return self.left

    @abstractmethod
    async def press(self, keys: str) -> None: ...

    @abstractmethod
    async def finish(self) -> None:
        """The prompt is played to its end."""

    @abstractmethod
    async def speak(self, seconds: float = 2.0, *, loud: bool = True, ended_by: str = "silence") -> None:
        """Leave a message, ended by `silence`, `#` or `hang_up`."""

    @abstractmethod
    async def hang_up(self) -> None: ...

    @abstractmethod
    async def cut(self) -> None:
        """The connection is lost."""

    def dialplan_goes_on(self) -> str:
        """It hangs up on a caller with whom the flow has finished; everybody else goes on to a person."""
        finished = self.variables.get("ALO185_DONE") == "1" and not self.variables.get("ALO185_QUEUE")
        return "hung_up" if finished else "dialplan"

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(true)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _write_message(self, path: Path, seconds: float, loud: bool) -> None:
        level = 4000 if loud else 20
        sound = np.random.default_rng(1).normal(scale=level, size=int(seconds * 8000)).clip(-32000, 32000)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(sound.astype("<i2").tobytes())


class FakeAriPhone(FakePhone):
    """Asterisk's outbound per-call WebSocket."""

    passes_over = True
    CHANNEL = "1795556035.7"
    NAME = "PJSIP/alo185-local-00000007"

    def __init__(
        self, number: str, recordings: Path, port: int, password: str, pass_time: Callable[[float], None]
    ) -> None:
        super().__init__(number, recordings)
        self._port = port
        self._password = password
        self._pass_time = pass_time
        """The service tells by its clock how far a list of prompts has got."""
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._clock = datetime(2026, 11, 25, 9, tzinfo=UTC)
        self._queue: deque[tuple[str, list[str]]] = deque()
        self._index = 0
        self.requests: list[str] = []
        self._allowed: set[str] = set()
        """Types that the service has not filtered out; all when empty. Replies are held to it as well."""
        self.silent = False
        """Whether requests are taken without a reply."""
        self.refuse: dict[str, int] = {}
        """Status of the reply by action, e.g. `play`."""
        self.waiting_channels: list[str] = []
        """Channels that wait in the application after a reconnection."""

    async def dial(self, *, started: bool = True, **changes: Any) -> None:
        token = base64.b64encode(f"alo185:{self._password}".encode()).decode()
        given = {
            "additional_headers": {"Authorization": f"Basic {token}"},
            "subprotocols": [Subprotocol("ari")],
            "proxy": None,
            **changes,
        }
        self._socket = await connect(f"ws://127.0.0.1:{self._port}/ari", **given)
        self._reading = asyncio.create_task(self._read(self._socket))
        await self.send(type="ApplicationRegistered")
        if started:
            await self.send(type="StasisStart", args=[], channel=self._channel("Ring"))

    async def send(self, **event: Any) -> None:
        assert self._socket
        kind = event.get("type")
        if self._allowed and isinstance(kind, str) and kind not in self._allowed:
            return
        stamp = self._clock.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self._clock.microsecond // 1000:03d}+0000"
        await self._socket.send(json.dumps({"application": f"alo185:{self.NAME}", "timestamp": stamp} | event))

    async def send_raw(self, text: str) -> None:
        assert self._socket
        await self._socket.send(text)

    async def press(self, keys: str) -> None:
        for key in keys:
            self._clock += timedelta(seconds=0.2)
            await self.send(type="ChannelDtmfReceived", digit=key, duration_ms=180, channel=self._channel())

    async def finish(self) -> None:
        self._clock += timedelta(seconds=self.lasts)
        self._pass_time(self.lasts)
        await self._advance("done")

    async def speak(self, seconds: float = 2.0, *, loud: bool = True, ended_by: str = "silence") -> None:
        await self.beep()
        name, self.recording = self.recording, None
        self._write_message(self.recordings / f"{name}.wav", seconds, loud)
        if ended_by == "#":
            await self.press("#")
        if ended_by == "hang_up":
            await self.send(type="ChannelHangupRequest", channel=self._channel())
        await self.send(type="RecordingFinished", recording={"name": name, "state": "done", "duration": int(seconds)})
        if ended_by == "hang_up":
            await self._end("hung_up")

    async def hang_up(self) -> None:
        await self.send(type="ChannelHangupRequest", channel=self._channel())
        if self._queue:
            id_, files = self._queue[0]
            await self._playback("PlaybackFinished", id_, files[self._index], "done")
        await self._end("hung_up")

    async def cut(self) -> None:
        assert self._socket
        self._socket.transport.abort()
        self.left = "dialplan"
        await self._notify()

    async def closed(self) -> int:
        """Wait until the service closes the WebSocket; the close code."""
        assert self._socket
        async with asyncio.timeout(PATIENCE):
            await self._socket.wait_closed()
        return self._socket.close_code or 0

    async def stop(self) -> None:
        if self._socket:
            await self._socket.close()
        if self._reading:
            await self._reading

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                await self._request(json.loads(message))
        except ConnectionClosed:
            pass
        self.left = self.left or "dialplan"
        await self._notify()

    async def _request(self, message: dict[str, Any]) -> None:
        url = urlsplit(message["uri"])
        path = [unquote(part) for part in url.path.split("/")]
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        action = path[2] if len(path) > 2 else path[0]
        self.requests.append(f"{message['method']} {action}")
        await self._notify()
        if self.silent:
            return
        status = self.refuse.get(action) or (404 if self.left else 204)
        body = ""
        if action == "eventFilter":
            self._allowed = {allowed["type"] for allowed in json.loads(message["message_body"])["allowed"]}
        elif path[0] == "applications":
            status, body = 200, json.dumps({"name": path[1], "channel_ids": self.waiting_channels})
        reply = {"type": "RESTResponse", "request_id": message["request_id"], "status_code": status}
        if status < 300:
            before = getattr(self, f"_before_{action}", None)
            if before:
                await before(query)
        await self.send(**reply, message_body=body)
        if status < 300:
            after = getattr(self, f"_{message['method'].lower()}_{action}", None)
            if after:
                await after(path, query)

    async def _before_answer(self, query: dict[str, str]) -> None:
        self.answered = True
        await self.send(type="ChannelStateChange", channel=self._channel())

    async def _before_variable(self, query: dict[str, str]) -> None:
        self.variables[query["variable"]] = query["value"]

    async def _post_play(self, path: list[str], query: dict[str, str]) -> None:
        files = [media.removeprefix("sound:") for media in query["media"].split(",")]
        self._queue.append((path[3], files))
        if len(self._queue) == 1:
            await self._begin()

    async def _delete_playbacks(self, path: list[str], query: dict[str, str]) -> None:
        if self._queue and self._queue[0][0] == path[1]:
            await self._advance("stopped")

    async def _post_record(self, path: list[str], query: dict[str, str]) -> None:
        self.recording = query["name"]
        await self.send(type="RecordingStarted", recording={"name": query["name"], "state": "recording"})
        await self._notify()

    async def _post_continue(self, path: list[str], query: dict[str, str]) -> None:
        await self._end(self.dialplan_goes_on())

    async def _delete_channels(self, path: list[str], query: dict[str, str]) -> None:
        await self.send(type="ChannelHangupRequest", soft=True, cause=32, channel=self._channel())
        await self._end("hung_up")

    async def _begin(self) -> None:
        id_, files = self._queue[0]
        file = files[self._index]
        await self._playback("PlaybackStarted", id_, file, "playing")
        if Path(file).name in self.missing:
            await self._advance("failed")
            return
        self.playing = Path(file).name
        self.started.append(self.playing)
        await self._notify()

    async def _advance(self, state: str) -> None:
        id_, files = self._queue[0]
        self.playing = None
        if self._index + 1 < len(files) and state != "stopped":
            await self._playback("PlaybackContinuing", id_, files[self._index], "continuing")
            self._index += 1
            await self._begin()
            return
        await self._playback("PlaybackFinished", id_, files[self._index], "failed" if state == "failed" else "done")
        self._queue.popleft()
        self._index = 0
        if self._queue:
            await self._begin()

    async def _playback(self, kind: str, id_: str, file: str, state: str) -> None:
        await self.send(type=kind, playback={"id": id_, "media_uri": f"sound:{file}", "state": state})

    async def _end(self, how: str) -> None:
        assert self._socket
        await self.send(type="StasisEnd", channel=self._channel())
        if how == "hung_up" and "ALO185_DONE" not in self.variables:
            await self.send(type="ChannelDestroyed", cause=16, channel=self._channel())
        self.left = how
        await self._notify()
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        assert self._socket
        await self._socket.close()

    def _channel(self, state: str = "Up") -> dict[str, Any]:
        return {"id": self.CHANNEL, "name": self.NAME, "state": state, "caller": {"name": "", "number": self.number}}


class FakeAgiPhone(FakePhone):
    """Asterisk's FastAGI client. Keys pressed while no command listens are lost, as they are there."""

    passes_over = False

    def __init__(self, number: str, recordings: Path, port: int, pass_time: Callable[[float], None]) -> None:
        super().__init__(number, recordings)
        self._port = port
        self._pass_time = pass_time
        """The service tells by its clock how far a list of prompts has got."""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._running: asyncio.Task[None] | None = None
        self._outcome: asyncio.Future[str] | None = None
        self._kind = ""
        self._instead: bytes | None = None
        self._background_status = "SUCCESS"
        self.commands: list[str] = []

    async def dial(self, greeting: str | None = None) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        told = {
            "agi_network": "yes",
            "agi_network_script": "alo185",
            "agi_request": f"agi://127.0.0.1:{self._port}/alo185",
            "agi_channel": "PJSIP/alo185-local-00000007",
            "agi_uniqueid": "1795556035.7",
            "agi_callerid": self.number or "unknown",
        }
        lines = "".join(f"{name}: {value}\n" for name, value in told.items()) + "\n"
        self._writer.write((lines if greeting is None else greeting).encode())
        self._running = asyncio.create_task(self._run())

    async def answers(self, data: bytes) -> None:
        """End the command that waits with these bytes in the place of a reply."""
        self._instead = data
        self._settle("end")

    async def send_raw(self, data: bytes) -> None:
        assert self._writer
        self._writer.write(data)
        await self._writer.drain()

    async def press(self, keys: str) -> None:
        for key in keys:
            await self._until(lambda: self._kind in ("STREAM", "WAIT") and not self._settled())
            self._settle(key)

    async def finish(self) -> None:
        await self._until(lambda: self._kind == "STREAM" and not self._settled())
        self._pass_time(self.lasts)
        self._settle("end")

    async def speak(self, seconds: float = 2.0, *, loud: bool = True, ended_by: str = "silence") -> None:
        await self.beep()
        assert self.recording
        self._write_message(Path(f"{self.recording}.wav"), seconds, loud)
        if ended_by == "hang_up":
            self.left = "hung_up"
        self._settle({"silence": "end"}.get(ended_by, ended_by))

    async def hang_up(self) -> None:
        self.left = "hung_up"
        if self._outcome and not self._outcome.done():
            self._settle("hang_up")
        else:
            await self.send_raw(b"HANGUP\n")
        await self._notify()

    async def cut(self) -> None:
        assert self._writer
        self.left = "dialplan"
        self._writer.transport.abort()
        await self._notify()

    async def closed(self) -> None:
        """Wait until the service closes the connection."""
        assert self._running
        async with asyncio.timeout(PATIENCE):
            await self._running

    async def stop(self) -> None:
        if self._writer:
            self._writer.close()
        if self._running:
            await self._running

    def _settled(self) -> bool:
        return self._outcome is None or self._outcome.done()

    def _settle(self, outcome: str) -> None:
        assert self._outcome
        self._outcome.set_result(outcome)

    async def _run(self) -> None:
        assert self._reader
        assert self._writer
        try:
            while line := await self._reader.readline():
                await self._command(line.decode().rstrip("\n"))
        except ConnectionError:
            pass
        self.left = self.left or self.dialplan_goes_on()
        await self._notify()

    async def _command(self, command: str) -> None:
        self.commands.append(command)
        words = _words(command)
        match words:
            case ["STREAM", "FILE", path, *_]:
                await self._stream(Path(path).name, int(words[4]))
            case ["EXEC", "BackGround", files]:
                await self._background([Path(file).name for file in files.split("&")])
            case ["GET", "VARIABLE", "BACKGROUNDSTATUS"]:
                await self._reply(f"200 result=1 ({self._background_status})")
            case ["WAIT", "FOR", "DIGIT", milliseconds]:
                await self._wait(int(milliseconds))
            case ["RECORD", "FILE", path, *_]:
                await self._record(path)
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                await self._reply("200 result=1")
            case ["CHANNEL", "STATUS"]:
                await self._reply(f"200 result={0 if self.left else 6}")
            case ["ANSWER"]:
                self.answered = True
                await self._reply("200 result=0")
            case _:
                await self._reply("510 Invalid or unknown command")

    async def _stream(self, name: str, position: int) -> None:
        if name in self.missing:
            await self._reply("200 result=-1 endpos=0")
            return
        if not position:
            self.started.append(name)
        self.playing = name
        outcome = await self._outcome_of("STREAM", None)
        self.playing = None
        endpos = PROMPT_SAMPLES if outcome == "end" else position + 1600
        await self._reply(f"200 result={_result(outcome)} endpos={endpos}")

    async def _background(self, names: list[str]) -> None:
        """It answers by itself. A file that is missing ends the list, and only a channel variable tells."""
        outcome, self._background_status, self.answered = "end", "SUCCESS", True
        for name in names:
            if name in self.missing:
                self._background_status = "FAILED"
                break
            if name.startswith(SILENCE):
                outcome = await self._outcome_of("WAIT", int(name.removeprefix(SILENCE)) / 1000)
                break
            self.started.append(name)
            self.playing = name
            outcome = await self._outcome_of("STREAM", None)
            self.playing = None
            if outcome != "end":
                break
        await self._reply(f"200 result={_result(outcome)}")

    async def _wait(self, milliseconds: int) -> None:
        outcome = await self._outcome_of("WAIT", None if milliseconds < 0 else milliseconds / 1000)
        await self._reply(f"200 result={_result(outcome)}")

    async def _record(self, path: str) -> None:
        self.recording = path
        outcome = await self._outcome_of("RECORD", None)
        self.recording = None
        reason = {"end": "timeout", "hang_up": "hangup"}.get(outcome, "dtmf")
        await self._reply(f"200 result={_result(outcome)} ({reason}) endpos=16000")

    async def _outcome_of(self, kind: str, seconds: float | None) -> str:
        """What ended a command that waits: an outcome, or its time.

        A line that comes meanwhile is not seen: Asterisk may have read it into its buffer together with this command.
        """
        assert self._reader
        outcome = self._outcome = asyncio.get_running_loop().create_future()
        self._kind = kind
        await self._notify()
        early = asyncio.create_task(self._reader.readline())
        while early in await self._first_of(outcome, early, seconds):
            if not early.result():
                raise ConnectionResetError
            early = asyncio.create_task(self._reader.readline())
        self._kind = ""
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)
        return str(outcome.result()) if outcome.done() else "end"

    @staticmethod
    async def _first_of(
        outcome: asyncio.Future[str], early: asyncio.Task[bytes], seconds: float | None
    ) -> set[asyncio.Future[Any]]:
        done, _ = await asyncio.wait({outcome, early}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return set() if outcome in done else done

    async def _reply(self, line: str) -> None:
        instead, self._instead = self._instead, None
        await self.send_raw(instead or line.encode() + b"\n")
        if "result=-1" in line and self.left == "hung_up":
            await self.send_raw(b"HANGUP\n")


def _result(outcome: str) -> int:
    known = {"end": 0, "hang_up": -1}
    return known[outcome] if outcome in known else ord(outcome)


def _words(command: str) -> list[str]:
    """Asterisk's own way to take a line apart."""
    words: list[str] = []
    word, quoted, escaped, begun = "", False, False, False
    for character in command:
        if escaped:
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted, begun = not quoted, True
        elif character == " " and not quoted:
            words, word, begun = ([*words, word] if word or begun else words), "", False
        else:
            word += character
    return [*words, word] if word or begun else words
