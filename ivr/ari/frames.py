"""WebSocket frames (RFC 6455) as a server reads and writes them: text, no extensions, never more than a limit."""

from collections.abc import Iterator
from typing import NamedTuple

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without the compiled part
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
CONTROL = frozenset({CLOSE, PING, PONG})
LONGEST_CONTROL = 125
FINAL, RESERVED, MASKED = 0x80, 0x70, 0x80

NORMAL, WRONG_PROTOCOL, NO_TEXT, WRONG_TEXT, TOO_LONG, RESTARTING = 1000, 1002, 1003, 1007, 1009, 1012


class WrongFrame(Exception):
    """The other side does not keep to the protocol; `status` is what the connection is closed with."""

    code = "wrong_frame"

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Head(NamedTuple):
    final: bool
    opcode: int
    length: int
    size: int
    """Of the head itself, its mask included."""


class Frames:
    """Takes what comes from the socket, in whatever pieces, and gives messages and control frames."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._buffer = bytearray()
        self._parts: list[bytes] = []
        self._begun = 0
        """Bytes of a message whose end has not come yet."""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of what is complete by now. Raises WrongFrame."""
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while head := self._head(at):
                start = at + head.size
                end = start + head.length
                if end > len(buffer):
                    return
                payload = apply_mask(bytes(buffer[start:end]), bytes(buffer[start - 4 : start]))
                at = end
                if head.opcode in CONTROL:
                    yield head.opcode, payload
                elif head.final and not self._parts:
                    yield TEXT, payload
                elif (message := self._joined(head, payload)) is not None:
                    yield TEXT, message
        finally:
            del buffer[:at]

    def _head(self, at: int) -> _Head | None:
        """Judged as soon as it is there, so that nobody makes us keep a frame that we do not want."""
        buffer = self._buffer
        there = len(buffer) - at
        if there < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        length, size = second & 0x7F, 6
        if length > LONGEST_CONTROL:
            size = 8 if length == 126 else 14
            if there < size - 4:
                return None
            length = int.from_bytes(buffer[at + 2 : at + size - 4], "big")
        if first & RESERVED or not second & MASKED:
            raise WrongFrame(WRONG_PROTOCOL, "a frame has no mask, or wants an extension")
        head = _Head(first >= FINAL, first & 0x0F, length, size)
        self._judge(head)
        return head

    def _judge(self, head: _Head) -> None:
        if head.opcode in CONTROL:
            if not head.final or head.length > LONGEST_CONTROL:
                raise WrongFrame(WRONG_PROTOCOL, "a control frame is too long or in pieces")
        elif head.opcode == BINARY:
            raise WrongFrame(NO_TEXT, "a message is not text")
        elif head.opcode != (CONTINUATION if self._parts else TEXT):
            raise WrongFrame(WRONG_PROTOCOL, "a frame is of no kind that may come here")
        elif self._begun + head.length > self._longest:
            raise WrongFrame(TOO_LONG, "a message is too long")

    def _joined(self, head: _Head, payload: bytes) -> bytes | None:
        """A message that came in pieces, with its last one. An empty piece is kept too: it says that one has begun."""
        self._parts.append(payload)
        self._begun += len(payload)
        if len(self._parts) > self._longest // 64:
            raise WrongFrame(TOO_LONG, "a message is in too many pieces")
        if not head.final:
            return None
        message = b"".join(self._parts)
        self._parts.clear()
        self._begun = 0
        return message


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole frame from a server, which uses no mask."""
    length = len(payload)
    if length <= LONGEST_CONTROL:
        return bytes((FINAL | opcode, length)) + payload
    if length < 1 << 16:
        return bytes((FINAL | opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((FINAL | opcode, 127)) + length.to_bytes(8, "big") + payload
