"""Many telephones in one process: each calls, listens, presses one key, listens, and is hung up on."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.rtp import Outgoing
from bench.sip import Dialogue, Message, parse, response
from bench.wire import Wire

HOST = "127.0.0.1"
RETRANSMIT = (0.5, 1.0, 2.0, 4.0)
"""Seconds between repeats of an INVITE that nothing answered (RFC 3261, timer A)."""
SLOTS = 20
"""Telephones are spread over the 20 ms of a packet, as real ones are, one millisecond apart."""


class CallFailed(Exception):
    """What this caller would complain about."""


@dataclass(slots=True, eq=False)
class Placed:
    """One call as its caller lived it. Times are nanoseconds since the epoch."""

    dialogue: Dialogue
    invited: int = 0
    answered: int | None = None
    key_sent: int | None = None
    """When the last packet of the key was sent."""
    hung_up: int | None = None
    failure: str | None = None
    repeats: int = 0
    """How often the INVITE was sent again."""
    packets: list[tuple[int, bytes]] = field(default_factory=list)
    media: tuple[str, int] = (HOST, 0)
    """Where Asterisk takes this caller's audio, once it has answered."""
    outgoing: Outgoing = field(default_factory=lambda: Outgoing(random.getrandbits(32), random.getrandbits(15)))
    progressing: asyncio.Event = field(default_factory=asyncio.Event)
    final: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: str | None = None
    sound: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Telephones:
    """Share one SIP and one RTP socket; calls are told apart by Call-ID and by Asterisk's media port."""

    def __init__(self, sip_port: int, *, audio: bool = True) -> None:
        self._asterisk = (HOST, sip_port)
        self._audio = audio
        self._sip = Wire(HOST, self._on_sip)
        self._rtp = Wire(HOST, self._on_rtp)
        self._calls: dict[str, Placed] = {}
        self._by_media: dict[int, Placed] = {}
        self._early: dict[int, deque[tuple[int, bytes]]] = {}
        self._slots: list[list[Placed]] = [[] for _ in range(SLOTS)]
        self._metronome = asyncio.create_task(self._tick())

    async def close(self) -> None:
        self._metronome.cancel()
        await asyncio.gather(self._metronome, return_exceptions=True)
        self._sip.close()
        self._rtp.close()

    async def call(self, extension: str, caller: str, key: str, press_at: float, patience: float) -> Placed:
        """Call, press `key` `press_at` seconds after the first sound, and stay until hung up on, or out of patience."""
        target = f"sip:{extension}@{HOST}:{self._asterisk[1]}"
        call = Placed(Dialogue(target, caller, HOST, self._sip.port, self._rtp.port))
        self._calls[call.dialogue.call_id] = call
        try:
            async with asyncio.timeout(patience):
                await self._converse(call, key, press_at)
        except TimeoutError:
            call.failure = _complaint(call)
            self._give_up(call)
        except CallFailed as failure:
            call.failure = str(failure)
        finally:
            self._forget(call)
        return call

    async def _converse(self, call: Placed, key: str, press_at: float) -> None:
        call.invited = time.time_ns()
        self._sip.send(call.dialogue.invite(), self._asterisk)
        await self._answer(call)
        await call.sound.wait()
        await asyncio.sleep(press_at - (time.time_ns() - call.packets[0][0]) / 1e9)
        call.outgoing.press(key)
        await call.ended.wait()

    async def _answer(self, call: Placed) -> None:
        for seconds in RETRANSMIT:
            try:
                await asyncio.wait_for(call.progressing.wait(), seconds)
                break
            except TimeoutError:
                call.repeats += 1
                self._sip.send(call.dialogue.invite(), self._asterisk)
        await call.final.wait()
        if call.refusal:
            raise CallFailed(f"refused: {call.refusal}")

    def _on_sip(self, at: int, datagram: bytes, sender: tuple[str, int]) -> None:
        message = parse(datagram)
        call = self._calls.get(message.header("call-id"))
        if message.status is None:
            self._on_request(message, call, at, sender)
        elif call and message.method == "INVITE":
            self._on_answer(message, message.status, call, at)

    def _on_request(self, message: Message, call: Placed | None, at: int, sender: tuple[str, int]) -> None:
        if message.method != "BYE":
            self._sip.send(response(message, "405 Method Not Allowed"), sender)
            return
        self._sip.send(response(message, "200 OK"), sender)
        if call:
            call.hung_up = call.hung_up or at
            call.ended.set()

    def _on_answer(self, message: Message, status: int, call: Placed, at: int) -> None:
        call.progressing.set()
        if status < 200:
            return
        if status >= 300:
            self._sip.send(call.dialogue.ack_refusal(message), self._asterisk)
            call.refusal = message.start.removeprefix("SIP/2.0 ")
        else:
            call.dialogue.answered(message)
            self._sip.send(call.dialogue.ack(), self._asterisk)
            if call.answered is None:
                call.answered = at
                self._connect(call, message.media_port)
        call.final.set()

    def _connect(self, call: Placed, port: int) -> None:
        call.media = (HOST, port)
        self._by_media[port] = call
        # sound may have been read before the answer that it followed
        call.packets += [(at, packet) for at, packet in self._early.pop(port, ()) if at >= call.invited]
        if call.packets:
            call.sound.set()
        self._slots[random.randrange(SLOTS)].append(call)

    def _on_rtp(self, at: int, packet: bytes, sender: tuple[str, int]) -> None:
        call = self._by_media.get(sender[1])
        if call is None:
            self._early.setdefault(sender[1], deque(maxlen=5)).append((at, packet))
            return
        call.packets.append((at, packet))
        if not call.sound.is_set():
            call.sound.set()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        began, count = loop.time(), 0
        while True:
            for call in self._slots[count % SLOTS]:
                self._speak(call)
            count += 1
            await asyncio.sleep(began + count / 1000 - loop.time())

    def _speak(self, call: Placed) -> None:
        pressing = call.outgoing.pressing
        packets = call.outgoing.tick()
        at = time.time_ns()
        if self._audio or pressing:
            for packet in packets:
                self._rtp.send(packet, call.media)
        if pressing and not call.outgoing.pressing:
            call.key_sent = at

    def _give_up(self, call: Placed) -> None:
        last_word: Callable[[], bytes] = call.dialogue.bye if call.answered else call.dialogue.cancel
        self._sip.send(last_word(), self._asterisk)

    def _forget(self, call: Placed) -> None:
        self._calls.pop(call.dialogue.call_id)
        for slot in self._slots:
            if call in slot:
                slot.remove(call)
        if self._by_media.get(call.media[1]) is call:
            del self._by_media[call.media[1]]


def _complaint(call: Placed) -> str:
    if not call.answered:
        return "nobody answered"
    if not call.packets:
        return "answered, but silent"
    return "not hung up" if call.key_sent else "no time to press the key"
