"""The sound of callers who wait: SIPp places their calls, and here each of them presses a key and listens."""

import asyncio
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.rtp import ALAW, Outgoing
from bench.sipp_run import HOST
from bench.wire import Wire

PACKET = 0.02
BREATH = 15.0
"""Seconds: Asterisk takes a telephone for dead that is silent for a minute."""


@dataclass(eq=False)
class Caller:
    """One caller's ear and finger."""

    number: str
    keeps: bool
    """Whether what they hear is kept."""
    heard: list[tuple[int, bytes]] = field(default_factory=list)
    """With nanoseconds since the epoch."""

    def __post_init__(self) -> None:
        self._outgoing = Outgoing(random.getrandbits(32), random.getrandbits(15))
        self._asterisk: tuple[str, int] | None = None
        self._sound = asyncio.Event()
        self._wire = Wire(HOST, self._on_packet)
        self.port = self._wire.port

    def _on_packet(self, at: int, packet: bytes, sender: tuple[str, int]) -> None:
        if packet[1] & 0x7F != ALAW:
            return  # of another call: its RTCP comes to the port above its own
        if self._asterisk is None:
            self._asterisk = sender
            self._sound.set()
        if self.keeps:
            self.heard.append((at, packet))

    async def press(self, key: str, after: float) -> None:
        """Once there has been sound for so many seconds."""
        await self._sound.wait()
        await asyncio.sleep(after)
        self._outgoing.press(key)
        began, packets = time.monotonic(), 0
        while self._outgoing.pressing:
            self.breathe()
            packets += 1
            await asyncio.sleep(began + packets * PACKET - time.monotonic())

    def breathe(self) -> None:
        if self._asterisk:
            for packet in self._outgoing.tick():
                self._wire.send(packet, self._asterisk)

    def close(self) -> None:
        self._wire.close()


class Crowd:
    """All of them; every `one_of`th is listened with."""

    def __init__(self, numbers: Iterable[str], one_of: int) -> None:
        self.callers = [Caller(number, index % one_of == 0) for index, number in enumerate(numbers)]
        self._tasks = [asyncio.create_task(each.press("0", 1.0)) for each in self.callers]
        self._tasks.append(asyncio.create_task(self._breathe()))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for caller in self.callers:
            caller.close()

    async def _breathe(self) -> None:
        while True:
            await asyncio.sleep(BREATH)
            for caller in self.callers:
                caller.breathe()
