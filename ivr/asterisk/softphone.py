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
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ivr.asterisk.baresip import (
    Account,
    Control,
    ensure_softphone,
    free_port,
    latest_invite,
    registered,
    with_silence,
    write_folder,
)
from ivr.asterisk.errors import PhoneFailed
from ivr.children import goes_first, with_parent

FRAME = 160
"""Samples of 20 ms, the packet of every telephone codec here."""
SPOKEN_LEVEL = 150.0
"""Root mean square of 16-bit samples above which a frame is sound; speech is at 1000 and more."""
BETWEEN_KEYS = 0.25
LISTEN_EVERY = 0.02
WAV_HEADER = 44
DUMPS = "dump-*-dec.wav"

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an agent's phone was told about the caller."""

    number: str
    name: str
    headers: Mapping[str, str]


class Softphone:
    """One phone with one call at a time. With a `password` it registers as an agent's; it `answers`, or only rings."""

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
        listens: int = 0,
    ) -> None:
        """`listens`: the SIP port at which it can be called without having registered; any when 0."""
        if not re.fullmatch(r"[A-Za-z0-9+_-]{1,40}", user):
            raise PhoneFailed(f"{user!r} is not a number or user name that a phone can call from.")
        self._folder = folder.absolute()
        self._account = Account(user, f"127.0.0.1:{server_port}", password, codec)
        self._answers = answers
        self._speaks = speaks
        self._listens = listens
        self._process: asyncio.subprocess.Process | None = None
        self._control: Control | None = None
        self._reading: asyncio.Task[None] | None = None
        self._events: list[Event] = []
        self._happened = asyncio.Condition()
        self._acted_at = 0
        self._before: frozenset[Path] = frozenset()
        """Recordings of earlier calls."""

    @property
    def trace(self) -> str:
        """What the phone printed, with every SIP message."""
        return (self._folder / "trace.log").read_text(errors="replace")

    @property
    def recording(self) -> Path:
        """WAV (8 kHz, 16 bit) of what the latest call heard. Complete once the call has ended."""
        if dumps := self._dumps():
            return dumps[-1]
        raise PhoneFailed("nothing was recorded: the call was not answered.")

    async def start(self) -> None:
        """Start the phone; registers first when it has a password."""
        program = ensure_softphone()
        port = free_port()
        write_folder(self._folder, program, self._account, self._speaks, port, self._listens)
        with (self._folder / "trace.log").open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *with_parent(),
                program,
                "-s",
                "-f",
                str(self._folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self._folder,  # it leaves files where it stands
            )
            goes_first(self._process.pid)
        self._control = Control(*await self._connect(port))
        self._reading = asyncio.create_task(self._read(self._control))
        if self._account.password is not None:
            await self._registered(within=30)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                await self._send("quit")
            try:
                await asyncio.wait_for(self._process.wait(), 3)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._reading:
            await self._reading
        if self._control:
            self._control.close()

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

    async def dial(self, number: str, *, within: float = 30) -> None:
        """Call `number` and wait until it is answered. Raises PhoneFailed when it is refused."""
        self.expect_another()
        await self._send("dial", f"sip:{number}@{self._account.server}")
        event = await self._until("an answer", within, "CALL_ESTABLISHED", "CALL_CLOSED")
        if event["type"] == "CALL_CLOSED":
            raise PhoneFailed(f"the call to {number} was not answered: {event.get('param', 'no reason given')}.")

    async def press(self, keys: str) -> None:
        """Press keys as quickly as a practised caller does."""
        for key in keys:
            self._acted_at = self._recorded()
            await self._send("sndcode", key)
            await asyncio.sleep(BETWEEN_KEYS)

    async def speak(self, wav: Path) -> None:
        """Say a WAV (8 kHz, mono, 16 bit) into the call."""
        self._acted_at = self._recorded()
        await self._send("ausrc", f"aufile,{with_silence(wav, self._folder / 'said.wav')}")

    async def speaking(self, *, within: float = 20) -> None:
        """Wait until something is heard."""
        await self.pause(0, within=within)

    async def pause(self, seconds: float = 0.8, *, within: float = 60) -> None:
        """Wait until something was heard since we pressed or spoke, then `seconds` of silence, or until the end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        spoken_at: float | None = None
        position = self._acted_at
        while (spoken_at is None or loop.time() - spoken_at < seconds) and not self._has_ended():
            if loop.time() > deadline:
                raise PhoneFailed(f"waited {within:.0f} s for a pause in what is heard.")
            levels, position = self._levels_from(position)
            if (levels > SPOKEN_LEVEL).any():
                spoken_at = loop.time()
            await asyncio.sleep(LISTEN_EVERY)

    async def hang_up(self) -> None:
        await self._send("hangup")
        await self.ended(within=20)

    async def ended(self, *, within: float = 60) -> None:
        """Wait until the call has ended, by whichever side."""
        await self._until("the end of the call", within, "CALL_CLOSED")

    async def rung(self, *, within: float = 30) -> Incoming:
        """Wait for a call to this phone; who is said to be calling. It is answered when the phone `answers`."""
        await self._until("a call", within, "CALL_INCOMING")
        headers = latest_invite(self.trace)
        sender = re.match(r'(?:"?(.*?)"?\s*)?<sip:([^@;>]*)', headers.get("From", ""))
        name, number = sender.groups(default="") if sender else ("", "")
        return Incoming(number, name, headers)

    async def accept(self) -> None:
        """Pick up a call that only rings."""
        await self._send("accept")

    def expect_another(self) -> None:
        """Forget the call that was, or is about to end: what is waited for from now on belongs to the next."""
        self._events.clear()
        self._acted_at = 0
        self._before = frozenset(self._folder.glob(DUMPS))

    async def answered(self, *, within: float = 30) -> None:
        await self._until("a conversation", within, "CALL_ESTABLISHED")

    def _has_ended(self) -> bool:
        return any(event["type"] == "CALL_CLOSED" for event in self._events)

    def _dumps(self) -> list[Path]:
        return sorted(set(self._folder.glob(DUMPS)) - self._before)

    def _recorded(self) -> int:
        """Bytes of sound in the recording so far."""
        dumps = self._dumps()
        return max(0, dumps[-1].stat().st_size - WAV_HEADER) if dumps else 0

    def _levels_from(self, position: int) -> tuple[npt.NDArray[np.float64], int]:
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
        try:
            async with asyncio.timeout(within):
                while not registered(self.trace):  # noqa: ASYNC110  # a file has no event
                    await asyncio.sleep(LISTEN_EVERY)
        except TimeoutError:
            user, server = self._account.user, self._account.server
            raise PhoneFailed(
                f"phone {user} could not register at {server}: is it running, is the password right?"
            ) from None

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        process = self._process
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while process and process.returncode is None:
                    try:
                        return await asyncio.open_connection("127.0.0.1", port)
                    except ConnectionRefusedError:
                        await asyncio.sleep(LISTEN_EVERY)
        raise PhoneFailed(f"the softphone did not start: {self.trace.strip()[-300:]}")

    async def _read(self, control: Control) -> None:
        async for event in control.events():
            if event["type"] == "CALL_INCOMING" and self._answers:
                await control.send("accept")
            async with self._happened:
                self._events.append(event)
                self._happened.notify_all()

    async def _send(self, command: str, params: str = "") -> None:
        if self._control:
            await self._control.send(command, params)

    async def _until(self, awaited: str, within: float, *types: str) -> Event:
        """The first event of these types in this call, waited for."""

        def found() -> Event | None:
            return next((event for event in self._events if event["type"] in types), None)

        try:
            async with asyncio.timeout(within), self._happened:
                event = await self._happened.wait_for(found)
        except TimeoutError:
            raise PhoneFailed(f"phone {self._account.user}: waited {within:.0f} s for {awaited}.") from None
        assert event is not None
        return event
