"""FastAGI on the wire: the greeting, commands and replies. One command at a time, one line each."""

import asyncio
import logging
import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from callflows.call import CallEnded

log = logging.getLogger(__name__)

LONGEST_LINE = 4096
LONGEST_GREETING = 65536
GREETING_WITHIN = 2.0
"""Seconds that Asterisk has to say what the call is."""
GREETS, GREETED = b"agi_", b"\n\n"
"""How its first words begin, and how they end."""
MOST_LINES = 128
"""Of what answers a command."""
PLAIN = re.compile(r"[\w=/.-]+", re.ASCII)
REPLY = re.compile(r"(\d{3})(?:[ -]result=(-?\d+))?(.*)")
ENDPOS = re.compile(r"endpos=(\d+)")


class AgiError(Exception):
    """The other side does not speak FastAGI, or refused a command."""

    code = "agi_error"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    result: int | None
    rest: str

    @property
    def endpos(self) -> int:
        """Samples that were played."""
        found = ENDPOS.search(self.rest)
        return int(found[1]) if found else 0


class AgiConnection(asyncio.Protocol):
    """One call's TCP connection. Raises CallEnded when Asterisk closes it or says that the caller hung up.

    A protocol, not a pair of streams: a call is a dozen short lines, and most of what a line cost was the streams.
    Nothing here waits for the peer to take what was written, since there is never more than one command on its way.
    """

    def __init__(
        self,
        arrived: Callable[["AgiConnection", Mapping[str, str]], None],
        connections: set["AgiConnection"],
    ) -> None:
        """`arrived` is given what Asterisk tells about the call (`agi_…`), once all of it is there.

        In `connections` it is as long as it lasts: somebody must ask now and then whether it is `overdue`.
        """
        self._arrived = arrived
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._lines: deque[str] = deque()
        self._rest = b""
        self._broken = ""
        self._came: asyncio.Future[None] | None = None
        self._greeted = False
        """Until then nobody is woken for a part of the greeting, which comes in pieces."""
        self._due = math.inf
        """When Asterisk counts as lost, by the loop's clock: a timer for each command costs more than the command."""
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._due = asyncio.get_running_loop().time() + GREETING_WITHIN

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)
        self._wake()

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if self._greeted:
            self._replied()
        else:
            self._greet()

    def overdue(self, now: float) -> None:
        """Give up where Asterisk should have said something by now."""
        if now >= self._due:
            self._give_up("Asterisk did not reply in time" if self._greeted else "its greeting had no end")

    def _greet(self) -> None:
        said, end, rest = self._rest.partition(GREETED)
        if not GREETS.startswith(said[: len(GREETS)]) or len(said) > LONGEST_GREETING:
            self._give_up("it did not begin as Asterisk does")
        elif end:
            self._rest, self._greeted, self._due = rest, True, math.inf
            lines = (line.partition(":") for line in said.decode("utf-8", errors="replace").split("\n"))
            self._arrived(self, {name: value.strip() for name, _, value in lines})

    def _replied(self) -> None:
        whole, newline, self._rest = self._rest.rpartition(b"\n")
        if newline:
            self._lines.extend(whole.decode("utf-8", errors="replace").replace("\r", "").split("\n"))
        if len(self._rest) > LONGEST_LINE or len(self._lines) > MOST_LINES:
            self._give_up("Asterisk sent a line that never ends, or lines without end")
        elif newline:
            self._wake()

    def send(self, command: str, *arguments: str) -> None:
        if self.ended or self._transport is None:
            raise CallEnded
        line = " ".join([command, *map(quoted, arguments)])
        self._transport.write(line.encode() + b"\n")

    async def reply(self, within: float) -> Reply:
        """The reply to what was sent last. Raises AgiError, and closes, when it takes longer than `within` seconds."""
        self._due = asyncio.get_running_loop().time() + within
        try:
            line = await self._line()
            while line.startswith("520-"):
                line = await self._usage_end()
        finally:
            self._due = math.inf
        if line == "HANGUP":
            self._end()
        match = REPLY.fullmatch(line)
        if match is None:
            raise AgiError(f"Asterisk's reply is not understood: {line[:80]!r}")
        status, result = int(match[1]), match[2]
        if status == 511:
            self._end()
        if status == 200 and result is None:
            raise AgiError(f"Asterisk's reply has no result: {line[:80]!r}")
        return Reply(status, None if result is None else int(result), match[3])

    def close(self) -> None:
        """What was sent before still goes out."""
        self.ended = True
        if self._transport:
            self._transport.close()

    async def _usage_end(self) -> str:
        while not (line := await self._line()).startswith("520 "):
            pass
        return line

    async def _line(self) -> str:
        while not self._lines:
            if self._broken:
                raise AgiError(self._broken)
            if self._transport is None:
                self._end()
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        return self._lines.popleft()

    def _give_up(self, why: str) -> None:
        if not self._greeted:
            log.warning("a FastAGI connection was refused: %s", why)
        self._broken = why
        self.close()
        self._wake()

    def _wake(self) -> None:
        came, self._came = self._came, None
        if came and not came.done():
            came.set_result(None)

    def _end(self) -> NoReturn:
        self.ended = True
        raise CallEnded


def quoted(word: str) -> str:
    """A word as Asterisk's parser reads it back. Raises AgiError for what would start a new command."""
    if PLAIN.fullmatch(word):
        return word
    if any(c in word for c in "\r\n\0"):
        raise AgiError("a line break cannot be sent to Asterisk")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
