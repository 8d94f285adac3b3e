"""FastAGI on the wire: the greeting, commands and replies. One command at a time, one line each."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from callflows.call import CallEnded

LONGEST_LINE = 4096
LONGEST_GREETING = 65536
MOST_GREETING_LINES = 128
PLAIN = re.compile(r"[\w=/.-]+", re.ASCII)
REPLY = re.compile(r"(\d{3})(?:[ -]result=(-?\d+))?(.*)")


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
        found = re.search(r"endpos=(\d+)", self.rest)
        return int(found[1]) if found else 0


class AgiConnection:
    """One call's TCP connection. Raises CallEnded when Asterisk closes it or says that the caller hung up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.ended = False

    async def greeting(self) -> Mapping[str, str]:
        """What Asterisk tells about the call (`agi_…`). Raises AgiError for anything else."""
        told: dict[str, str] = {}
        size = 0
        for _ in range(MOST_GREETING_LINES):
            line = await self._line()
            if not line:
                return told
            size += len(line)
            name, colon, value = line.partition(":")
            if not colon or size > LONGEST_GREETING:
                break
            told[name.strip()] = value.strip()
        raise AgiError("this is no FastAGI greeting")

    async def send(self, command: str, *arguments: str) -> None:
        if self.ended:
            raise CallEnded
        line = " ".join([command, *map(quoted, arguments)])
        try:
            self._writer.write(line.encode() + b"\n")
            await self._writer.drain()
        except ConnectionError as lost:
            self._end(lost)

    async def reply(self) -> Reply:
        line = await self._line()
        while line.startswith("520-"):
            line = await self._usage_end()
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

    async def close(self) -> None:
        self.ended = True
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _usage_end(self) -> str:
        while not (line := await self._line()).startswith("520 "):
            pass
        return line

    async def _line(self) -> str:
        try:
            raw = await self._reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError) as lost:
            self._end(lost)
        except asyncio.LimitOverrunError as error:
            raise AgiError("Asterisk sent a line that never ends") from error
        return raw.decode("utf-8", errors="replace").rstrip("\r\n")

    def _end(self, cause: BaseException | None = None) -> NoReturn:
        self.ended = True
        raise CallEnded from cause


def quoted(word: str) -> str:
    """A word as Asterisk's parser reads it back. Raises AgiError for what would start a new command."""
    if any(c in word for c in "\r\n\0"):
        raise AgiError("a line break cannot be sent to Asterisk")
    if PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
