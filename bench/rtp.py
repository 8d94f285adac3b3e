"""RTP as a telephone speaks it, and where in the sound it heard an announcement began (RFC 3550, RFC 4733)."""

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

ALAW = 8
EVENTS = 101
SAMPLES = 160
"""Of one packet: 20 ms at 8 kHz, one byte each in A-law."""
SILENCE = b"\xd5" * SAMPLES
KEYS = "0123456789*#ABCD"
KEY_PACKETS = 8
"""A key is held for 160 ms: Asterisk lengthens what is shorter than 80 ms, and that would be measured as delay."""
VOLUME = 10
HEADER = struct.Struct("!BBHII")
EVENT = struct.Struct("!BBH")
END = 0x80
MARKER = 0x80
VERSION = 0x80


class Outgoing:
    """What one telephone sends: silence every 20 ms, keys in between."""

    def __init__(self, source: int, sequence: int = 0, timestamp: int = 0) -> None:
        self._source = source
        self._sequence = sequence
        self._timestamp = timestamp
        self._key: deque[list[bytes]] = deque()

    def press(self, key: str) -> None:
        """Put the key's packets in the place of the next packets of silence."""
        event, began = KEYS.index(key), self._timestamp + SAMPLES
        steps = [(held * SAMPLES, 0, 1) for held in range(1, KEY_PACKETS)] + [(KEY_PACKETS * SAMPLES, END, 3)]
        marker = MARKER
        for duration, end, times in steps:
            payload = EVENT.pack(event, end | VOLUME, duration)
            # the end is sent three times at once: losing one packet must not lose the key
            self._key.append([self._packet(EVENTS | marker, began, payload) for _ in range(times)])
            marker = 0

    @property
    def pressing(self) -> bool:
        return bool(self._key)

    def tick(self) -> list[bytes]:
        """The packets of the next 20 ms; more than one only where a key ends."""
        self._timestamp += SAMPLES
        if self._key:
            return self._key.popleft()
        return [self._packet(ALAW, self._timestamp, SILENCE)]

    def _packet(self, kind: int, timestamp: int, payload: bytes) -> bytes:
        self._sequence += 1
        return HEADER.pack(VERSION, kind, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self._source) + payload


@dataclass(frozen=True, slots=True)
class Sound:
    """What arrived in a call, packet by packet."""

    arrivals: Sequence[int]
    """Nanoseconds since the epoch, by the kernel's clock."""
    payloads: Sequence[bytes]

    @classmethod
    def of(cls, packets: Sequence[tuple[int, bytes]]) -> "Sound":
        """Audio only, in the order sent, each packet once."""
        audio: dict[int, tuple[int, bytes]] = {}
        for at, packet in packets:
            _, kind, sequence, _, _ = HEADER.unpack_from(packet)
            if kind & 0x7F == ALAW:
                audio.setdefault(sequence, (at, packet[HEADER.size :]))
        start = next(iter(audio), 0)
        in_order = sorted(audio, key=lambda sequence: (sequence - start + 0x8000) & 0xFFFF)
        return cls([audio[s][0] for s in in_order], [audio[s][1] for s in in_order])

    def around(self, at: int) -> tuple["Sound", "Sound"]:
        """What was heard up to a time, and after it."""
        first = next((i for i, arrival in enumerate(self.arrivals) if arrival > at), len(self.arrivals))
        return Sound(self.arrivals[:first], self.payloads[:first]), self.starting(first)

    def starting(self, packet: int) -> "Sound":
        return Sound(self.arrivals[packet:], self.payloads[packet:])


@dataclass(frozen=True, slots=True)
class Place:
    """Where an announcement lies in a sound: the packets that hold its first and its last byte."""

    first: int
    last: int


class Announcement:
    """A prompt file's A-law bytes. Asterisk does not transcode them, so they arrive as they are.

    They may arrive cut elsewhere: what was left over of the file before fills the first packet.
    """

    def __init__(self, audio: bytes) -> None:
        self.audio = audio
        self._probe_at = next(at for at in range(0, len(audio), SAMPLES) if len(set(audio[at : at + SAMPLES])) > 16)

    @property
    def seconds(self) -> float:
        return len(self.audio) / 8000

    def begun(self, sound: Sound) -> int | None:
        """When its first byte arrived; None where its beginning was not heard."""
        at = b"".join(sound.payloads).find(self.audio[self._probe_at : self._probe_at + 4 * SAMPLES]) - self._probe_at
        ends = accumulate(map(len, sound.payloads))
        return next((sound.arrivals[i] for i, end in enumerate(ends) if end > at), None) if at >= 0 else None

    def place(self, sound: Sound) -> Place | None:
        """None unless the whole announcement was heard, but for the last packet, which a hang-up may swallow."""
        heard = b"".join(sound.payloads)
        whole = self.audio[: len(self.audio) - SAMPLES]
        at = heard.find(whole[self._probe_at : self._probe_at + 4 * SAMPLES]) - self._probe_at
        if at < 0 or heard[at : at + len(whole)] != whole:
            return None
        ends = list(accumulate(map(len, sound.payloads)))
        first = next(i for i, end in enumerate(ends) if end > at)
        last = next(i for i, end in enumerate(ends) if end >= at + len(whole))
        return Place(first, last)
