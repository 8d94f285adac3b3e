"""A real telephone for test calls: baresip, driven over its control socket.

async with Softphone(folder, "05321234567", server_port=settings.sip_port) as phone:
    await phone.dial("185")
    await phone.pause()          # what is being said has ended
    await phone.press("496")
    await phone.ended()
    print(phone.recording)       # WAV of what the caller heard
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from ivr.asterisk.errors import PhoneFailed

RATE = 8000
FRAME = 160
"""Samples of 20 ms, the packet of every telephone codec here."""
SPOKEN_LEVEL = 150.0
"""Root mean square of 16-bit samples above which a frame is sound; speech is at 1000 and more."""
BETWEEN_KEYS = 0.25
LISTEN_EVERY = 0.02
SILENCE_SECONDS = 600
WAV_HEADER = 44


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an agent's phone was told about the caller."""

    number: str
    name: str
    headers: Mapping[str, str]


def ensure_softphone() -> str:
    """The path of baresip, installed through apt when it is missing. Raises PhoneFailed."""
    if found := shutil.which("baresip"):
        return found
    sudo = [] if os.getuid() == 0 else ["sudo"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        raise PhoneFailed("test calls need the softphone baresip: please install it, then run this again.")
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qqy", "install", "--no-install-recommends", "baresip-core"],
    ):
        done = subprocess.run(  # noqa: S603
            [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *command], capture_output=True, text=True
        )
    if found := shutil.which("baresip"):
        return found
    raise PhoneFailed(
        f"the softphone baresip could not be installed ({done.stderr.strip()[-200:]}): install it by hand."
    )


class Softphone:
    """One phone with one call at a time. With a `password` it registers as an agent's phone."""

    def __init__(
        self,
        folder: Path,
        user: str,
        *,
        server_port: int,
        password: str | None = None,
        answers: bool = False,
        speaks: Path | None = None,
        codec: str = "PCMA",
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9+_-]{1,40}", user):
            raise PhoneFailed(f"{user!r} is not a number or user name that a phone can call from.")
        self._folder = folder
        self._user = user
        self._server = f"127.0.0.1:{server_port}"
        self._password = password
        self._answers = answers
        self._speaks = speaks
        self._codec = codec
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._events: list[dict[str, Any]] = []
        self._happened = asyncio.Condition()
        self._pressed_at = 0

    @property
    def trace(self) -> str:
        """What the phone printed, with every SIP message."""
        return (self._folder / "trace.log").read_text(errors="replace")

    @property
    def recording(self) -> Path:
        """WAV (8 kHz, 16 bit) of what the latest call heard. Complete once the call has ended."""
        dumps = sorted(self._folder.glob("dump-*-dec.wav"))
        if not dumps:
            raise PhoneFailed("nothing was recorded: the call was not answered.")
        return dumps[-1]

    async def start(self) -> None:
        """Start the phone; registers first when it has a password."""
        program = ensure_softphone()
        control = _free_port()
        self._write_configuration(program, control)
        with (self._folder / "trace.log").open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                program, "-s", "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out
            )
        reader, self._writer = await self._connect(control)
        self._reading = asyncio.create_task(self._read(reader))
        if self._password is not None:
            await self._registered(10)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                await self._send("quit")
            try:
                await asyncio.wait_for(self._process.wait(), 3)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._writer:
            self._writer.close()
        if self._reading:
            await self._reading

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def dial(self, number: str, *, within: float = 15) -> None:
        """Call `number` and wait until it is answered. Raises PhoneFailed when it is refused."""
        self._events.clear()
        await self._send("dial", f"sip:{number}@{self._server}")
        event = await self._until(
            "an answer", within, lambda event: event["type"] in ("CALL_ESTABLISHED", "CALL_CLOSED")
        )
        if event["type"] == "CALL_CLOSED":
            raise PhoneFailed(f"the call to {number} was not answered: {event.get('param', 'no reason given')}.")

    async def press(self, keys: str) -> None:
        """Press keys as quickly as a practised caller does."""
        for key in keys:
            self._pressed_at = self._recorded()
            await self._send("sndcode", key)
            await asyncio.sleep(BETWEEN_KEYS)

    async def speak(self, wav: Path) -> None:
        """Say a WAV (8 kHz, mono, 16 bit) into the call."""
        await self._send("ausrc", f"aufile,{wav}")

    async def pause(self, seconds: float = 0.8, *, within: float = 60) -> None:
        """Wait until something was heard since the last key and then `seconds` of silence. Raises PhoneFailed."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        spoken_at: float | None = None
        position = max(self._pressed_at, 0)
        while spoken_at is None or loop.time() - spoken_at < seconds:
            if loop.time() > deadline:
                raise PhoneFailed(f"waited {within:.0f} s for a pause in what is heard.")
            if self._has_ended():
                return
            frames, position = self._new_frames(position)
            if (frames > SPOKEN_LEVEL).any():
                spoken_at = loop.time()
            await asyncio.sleep(LISTEN_EVERY)

    async def hang_up(self) -> None:
        await self._send("hangup")
        await self.ended(within=5)

    async def ended(self, *, within: float = 60) -> None:
        """Wait until the call has ended, by whichever side."""
        await self._until("the end of the call", within, lambda event: event["type"] == "CALL_CLOSED")

    async def rung(self, *, within: float = 30) -> Incoming:
        """Wait for a call to this phone; who is said to be calling. It is answered when the phone `answers`."""
        await self._until("a call", within, lambda event: event["type"] == "CALL_INCOMING")
        return _incoming(self.trace)

    async def answered(self, *, within: float = 30) -> None:
        await self._until("a conversation", within, lambda event: event["type"] == "CALL_ESTABLISHED")

    def _has_ended(self) -> bool:
        return any(event["type"] == "CALL_CLOSED" for event in self._events)

    def _recorded(self) -> int:
        """Bytes of sound in the recording so far."""
        dumps = sorted(self._folder.glob("dump-*-dec.wav"))
        return max(0, dumps[-1].stat().st_size - WAV_HEADER) if dumps else 0

    def _new_frames(self, position: int) -> tuple[np.ndarray[Any, np.dtype[np.float64]], int]:
        """Levels of the frames recorded after byte `position`, and the position after them."""
        size = FRAME * 2
        count = max(0, self._recorded() - position) // size
        if not count:
            return np.zeros(0), position
        with self.recording.open("rb") as file:
            file.seek(WAV_HEADER + position)
            samples = np.frombuffer(file.read(count * size), dtype="<i2").astype(np.float64)
        return np.sqrt((samples.reshape(-1, FRAME) ** 2).mean(axis=1)), position + count * size

    async def _registered(self, within: float) -> None:
        """Told from the trace: the phone registers before its control socket takes listeners."""
        accepted = re.compile(r"^SIP/2.0 200 OK(?:(?!\n\s*\n).)*^CSeq: \d+ REGISTER", re.M | re.S)
        try:
            async with asyncio.timeout(within):
                while not accepted.search(_plain(self.trace)):  # noqa: ASYNC110  # a file has no event
                    await asyncio.sleep(LISTEN_EVERY)
        except TimeoutError:
            raise PhoneFailed(f"phone {self._user} could not register at {self._server}: wrong password?") from None

    async def _connect(self, control: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        process = self._process
        async with asyncio.timeout(10):
            while process and process.returncode is None:
                try:
                    return await asyncio.open_connection("127.0.0.1", control)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.02)
        raise PhoneFailed(f"the softphone did not start: {self.trace.strip()[-300:]}")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Collect events until the phone closes its control socket (netstrings of JSON)."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
                if message.get("event"):
                    if message["type"] == "CALL_INCOMING" and self._answers:
                        await self._send("accept")
                    async with self._happened:
                        self._events.append(message)
                        self._happened.notify_all()

    async def _send(self, command: str, params: str = "") -> None:
        assert self._writer is not None
        message = json.dumps({"command": command, "params": params}).encode()
        self._writer.write(b"%d:%s," % (len(message), message))
        await self._writer.drain()

    async def _until(self, awaited: str, within: float, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next((event for event in self._events if fits(event)), None)

        try:
            async with asyncio.timeout(within), self._happened:
                event = await self._happened.wait_for(found)
        except TimeoutError:
            raise PhoneFailed(f"phone {self._user}: waited {within:.0f} s for {awaited}.") from None
        assert event is not None
        return event

    def _write_configuration(self, program: str, control: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = self._speaks or self._folder / "silence.wav"
        if self._speaks is None:
            _write_silence(source)
        login = f";auth_pass={self._password};regint=300" if self._password else ";regint=0"
        account = (
            f"<sip:{self._user}@{self._server}>{login};dtmfmode=rtpevent;answermode=manual;audio_codecs={self._codec}"
        )
        accounts = self._folder / "accounts"
        accounts.touch(mode=0o600)
        accounts.write_text(account + "\n")
        for name in ("contacts", "current_contact"):
            (self._folder / name).touch()
        modules = Path(program).resolve().parents[1] / "lib"
        found = [*modules.glob("baresip/modules"), *modules.glob("*/baresip/modules")]
        loaded = ("g711", "g722", "aufile", "sndfile", "account", "menu", "ctrl_tcp")
        applications = ("account", "menu", "ctrl_tcp")
        (self._folder / "config").write_text(
            "sip_listen 127.0.0.1:0\nnet_interface 127.0.0.1\ncall_max_calls 1\nrtp_ports 30000-39999\n"
            f"audio_source aufile,{source}\nausrc_srate {RATE}\nauplay_srate {RATE}\nsnd_path {self._folder}\njitter_buffer_type off\naudio_jitter_buffer_type off\njitter_buffer_delay 0-0\n"
            f"module_path {found[0] if found else '/usr/lib/baresip/modules'}\nctrl_tcp_listen 127.0.0.1:{control}\n"
            + "".join(f"module{'_app' if name in applications else ''} {name}.so\n" for name in loaded)
        )


def _incoming(trace: str) -> Incoming:
    """The caller as the latest INVITE to this phone described them."""
    invites = re.findall(r"^INVITE \S+ SIP/2\.0\n(.*?)\n\n", _plain(trace), re.DOTALL | re.MULTILINE)
    if not invites:
        raise PhoneFailed("the phone rang but its trace holds no INVITE.")
    headers = dict(line.split(": ", 1) for line in invites[-1].splitlines() if ": " in line)
    caller = re.match(r'(?:"?(.*?)"?\s*)?<sip:([^@;>]*)', headers.get("From", ""))
    name, number = caller.groups(default="") if caller else ("", "")
    return Incoming(number, name, headers)


def _plain(trace: str) -> str:
    """The trace without colours."""
    return re.sub(r"\x1b\[[\d;]*m|\[;m", "", trace).replace("\r", "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _write_silence(target: Path) -> None:
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(2 * RATE * SILENCE_SECONDS))
