"""FastAGI on the wire: the greeting, commands and replies. One command at a time, one line each."""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from callflows.call import CallEnded

LONGEST_LINE = 4096
LONGEST_GREETING = 65536
MOST_GREETING_LINES = 128
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

    def __init__(self, arrived: Callable[["AgiConnection"], None]) -> None:
        self._arrived = arrived
        self._transport: asyncio.Transport | None = None
        self._lines: deque[str] = deque()
        self._rest = b""
        self._broken = ""
        self._came: asyncio.Future[None] | None = None
        self._greeted = False
        """Until then nobody is woken for a part of the greeting, which comes in pieces."""
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._arrived(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._wake()

    def data_received(self, data: bytes) -> None:
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if newline:
            self._lines.extend(whole.decode("utf-8", errors="replace").replace("\r", "").split("\n"))
        if len(self._rest) > LONGEST_LINE or len(self._lines) > MOST_GREETING_LINES:
            self._give_up("Asterisk sent a line that never ends, or lines without end")
        elif newline and (self._greeted or not all(":" in line for line in self._lines)):
            self._wake()

    async def greeting(self) -> Mapping[str, str]:
        """What Asterisk tells about the call (`agi_…`). Raises AgiError for anything else."""
        told: dict[str, str] = {}
        size = 0
        for _ in range(MOST_GREETING_LINES):
            line = self._lines.popleft() if self._lines else await self._line()
            if not line:
                self._greeted = True
                return told
            size += len(line)
            name, colon, value = line.partition(":")
            if not colon or size > LONGEST_GREETING:
                break
            told[name.strip()] = value.strip()
        raise AgiError("this is no FastAGI greeting")

    def send(self, command: str, *arguments: str) -> None:
        if self.ended or self._transport is None:
            raise CallEnded
        line = " ".join([command, *map(quoted, arguments)])
        self._transport.write(line.encode() + b"\n")

    async def reply(self, within: float) -> Reply:
        """The reply to what was sent last. Raises AgiError, and closes, when it takes longer than `within` seconds."""
        limit = asyncio.get_running_loop().call_later(within, self._give_up, "Asterisk did not reply in time")
        try:
            line = await self._line()
            while line.startswith("520-"):
                line = await self._usage_end()
        finally:
            limit.cancel()
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
