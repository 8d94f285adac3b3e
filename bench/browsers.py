"""Many browsers on kept-alive connections: asks for pages, reads answers whole, notes how long each took."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

LENGTH = b"content-length: "
END = b"\r\n\r\n"


@dataclass(slots=True)
class Seen:
    """What came back. Times in milliseconds."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds


class Browser(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._began = 0.0
        self._answer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the service closed the connection"))

    async def ask(self, request: bytes, since: float | None = None) -> None:
        """`since`: when it was due, so that waiting for a free connection counts too."""
        assert self._transport
        self._began = since or time.perf_counter()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(END)
        if head < 0:
            return
        at = self._buffer.lower().find(LENGTH, 0, head)
        length = int(self._buffer[at + len(LENGTH) : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) < head + len(END) + length:
            return
        self._seen.took.append((time.perf_counter() - self._began) * 1000)
        self._seen.statuses[int(self._buffer[9:12])] += 1
        self._seen.bytes += len(self._buffer)
        self._buffer = b""
        assert self._answer
        self._answer.set_result(None)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()


async def as_many_as_can(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Seen:
    """Each connection asks again as soon as it has its answer."""
    seen = Seen()
    browsers = await _connect(port, connections, seen)
    end = time.perf_counter() + seconds

    async def keep_asking(browser: Browser) -> None:
        while time.perf_counter() < end:
            await browser.ask(next(requests))

    began = time.perf_counter()
    await asyncio.gather(*(keep_asking(browser) for browser in browsers))
    seen.seconds = time.perf_counter() - began
    for browser in browsers:
        browser.close()
    return seen


async def at_a_rate(port: int, requests: Iterator[bytes], connections: int, seconds: float, rate: float) -> Seen:
    """So many a second, whether or not the answers keep up; what waits for a connection waits on the clock."""
    seen = Seen()
    free: asyncio.Queue[Browser] = asyncio.Queue()
    browsers = await _connect(port, connections, seen)
    for browser in browsers:
        free.put_nowait(browser)

    async def ask(due: float) -> None:
        browser = await free.get()
        await browser.ask(next(requests), due)
        free.put_nowait(browser)

    began = time.perf_counter()
    tasks = set()
    for n in range(int(seconds * rate)):
        due = began + n / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    seen.seconds = time.perf_counter() - began
    for browser in browsers:
        browser.close()
    return seen


async def _connect(port: int, connections: int, seen: Seen) -> list[Browser]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: Browser(seen), "127.0.0.1", port))[1] for _ in range(connections)]
