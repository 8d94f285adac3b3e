"""The service's end of the worker processes: started ahead, replaced when they die or hang."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from prompts.errors import EngineUnavailable, RenderFailed, SpeechError, error_of
from prompts.workers import Message

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30.0
RESTS_AFTER = 60.0
"""Seconds without a question after which a process that nobody waits for is ended."""
ALONE_FOR = 0.5
"""Seconds for which there is always somebody waiting before another process is started."""
THRIFT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(2 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
}
"""Has a process give back what one long announcement took: 15 MB otherwise stay with it.

What one prompt takes stays, or the kernel would clear it anew for each.
"""
Result = TypeVar("Result")


class Hung(Exception):
    """The process died or gave no answer in time."""


class Worker:
    """One process of a module in `prompts.workers`, answering one request at a time."""

    def __init__(self, module: str, *arguments: str, seconds: float, rests_after: float = RESTS_AFTER) -> None:
        self._command = [sys.executable, "-m", f"prompts.workers.{module}", *arguments]
        self._seconds = seconds
        self._rests_after = rests_after
        self._process: asyncio.subprocess.Process | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self.stays = False
        """Somebody waits for the next prompt of this one: it is not ended when it has nothing to do."""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ask(self, request: Message, payload: bytes = b"") -> tuple[Message, bytes]:
        """The answer to a request; a process that dies or hangs over it is replaced and asked once more."""
        self._wake()
        try:
            return await self._insist(lambda: self._answer(request, payload))
        finally:
            self._rest_later()

    async def warm(self) -> None:
        self._wake()
        try:
            await self._insist(self._ready)
        finally:
            self._rest_later()

    def _wake(self) -> None:
        if self._resting:
            self._resting.cancel()

    def _rest_later(self) -> None:
        """A process is 20 to 60 MB. A question that meets its end is answered by the next one."""
        if not self.stays:
            self._resting = asyncio.get_running_loop().call_later(self._rests_after, self._rest)

    def _rest(self) -> None:
        self._ending = asyncio.create_task(self._end())

    async def _insist(self, act: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await self._or_end(act)
        except Hung:
            try:
                return await self._or_end(act)
            except Hung as error:
                raise RenderFailed(f"{self._command[2]} gave no answer, twice: {error}.") from error

    async def _or_end(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """A process that left a question open is ended: its answer must not meet the next question."""
        try:
            return await act()
        except (Hung, asyncio.CancelledError):
            await self.close()
            raise

    async def _answer(self, request: Message, payload: bytes) -> tuple[Message, bytes]:
        await self._ready()
        return await self._exchange(request | {"bytes": len(payload)}, payload, self._seconds)

    async def _ready(self) -> None:
        if not self.running:
            await self._start()

    async def close(self) -> None:
        self._wake()
        await self._end()
        if self._ending:
            await self._ending

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            # not wait(): it never returns while an answer that nobody reads fills the pipe
            await process.communicate()

    async def _start(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, **THRIFT},
            )
        except OSError as error:
            raise EngineUnavailable(f"No further process can be started ({error}); free memory.") from error
        try:
            await self._exchange(None, b"", START_SECONDS)
        except SpeechError:
            await self.close()
            raise

    async def _exchange(self, request: Message | None, payload: bytes, seconds: float) -> tuple[Message, bytes]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                if request is not None:
                    process.stdin.write(json.dumps(request).encode() + b"\n" + payload)
                    await process.stdin.drain()
                line = await process.stdout.readline()
                reply: Message = json.loads(line)
                answer = await process.stdout.readexactly(reply["bytes"])
        except TimeoutError as error:
            raise Hung(f"nothing within {seconds:g} s") from error
        except (OSError, asyncio.IncompleteReadError, json.JSONDecodeError) as error:
            raise Hung("its process ended") from error
        if "error" in reply:
            raise error_of(reply["code"], reply["error"])
        return reply, answer


class Crew:
    """Up to `count` workers for the same task. One does it alone until somebody has waited for it for a while.

    Starting another takes a processor for longer than all prompts of a new outage take.
    """

    def __init__(
        self,
        count: int,
        module: str,
        *arguments: str,
        seconds: float,
        rests_after: float = RESTS_AFTER,
        alone_for: float = ALONE_FOR,
    ) -> None:
        self._workers = [Worker(module, *arguments, seconds=seconds, rests_after=rests_after) for _ in range(count)]
        self._alone_for = alone_for
        self._first, *self._off = self._workers
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._idle.put_nowait(self._first)
        self._waiting = 0
        self._needed: asyncio.TimerHandle | None = None
        self._coming: set[asyncio.Task[None]] = set()

    async def ask(self, request: Message, payload: bytes = b"") -> tuple[Message, bytes]:
        worker = await self._free()
        try:
            return await worker.ask(request, payload)
        finally:
            self._idle.put_nowait(worker)

    async def warm(self) -> None:
        """Start one, which stays from now on, whatever happens."""
        self._first.stays = True
        await self._first.warm()

    async def close(self) -> None:
        if self._needed:
            self._needed.cancel()
        for coming in self._coming:
            coming.cancel()
        await asyncio.gather(*self._coming, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))

    async def _free(self) -> Worker:
        self._waiting += 1
        if self._idle.empty() and self._needed is None:
            self._needed = asyncio.get_running_loop().call_later(self._alone_for, self._call_another)
        try:
            while (worker := await self._idle.get()) is not self._first and not worker.running:
                self._off.append(worker)  # it has gone to rest meanwhile
            return worker
        finally:
            self._waiting -= 1
            if not self._waiting and self._needed:
                self._needed.cancel()
                self._needed = None

    def _call_another(self) -> None:
        self._needed = None
        if self._off:
            coming = asyncio.create_task(self._come(self._off.pop()))
            self._coming.add(coming)
            coming.add_done_callback(self._coming.discard)

    async def _come(self, worker: Worker) -> None:
        """One that cannot is off again; whoever asks the first hears why."""
        with contextlib.suppress(SpeechError):
            await worker.warm()
        self._idle.put_nowait(worker)
