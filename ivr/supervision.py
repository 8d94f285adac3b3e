"""Keeps one service process alive: starts it, probes it, kills what hangs, starts it anew.

A hung service is worse than a dead one: Asterisk has no read time-out on either driver, so callers would hear silence.
Killing it closes the sockets, and the dialplan of every call goes on (see docs/architecture.md, "Failing open").
"""

import asyncio
import contextlib
import logging
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ivr.children import with_parent

log = logging.getLogger(__name__)

PROBE_EVERY = 0.5
HUNG_AFTER = 2.0
DYING = 0.2
"""Seconds in which one that does not answer may turn out to have ended by itself."""
STARTING = 120.0
LONGEST_PAUSE = 30.0
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


class ServiceDidNotStart(Exception):
    code = "service_did_not_start"

    def __init__(self, log_file: Path) -> None:
        lines = log_file.read_text(errors="replace").strip().splitlines()
        super().__init__(
            f"the service did not start ({lines[-1] if lines else 'no word'}); all of it is in {log_file}."
        )


class Supervised:
    """The service as a child process under a watchdog. Times are in seconds."""

    def __init__(
        self,
        command: Sequence[str],
        health: str,
        log_file: Path,
        *,
        environment: Mapping[str, str] | None = None,
        hung_after: float = HUNG_AFTER,
        starting: float = STARTING,
    ) -> None:
        self._command = command
        self._health = urlsplit(health)
        self._log_file = log_file
        self._environment = {**os.environ, **(environment or {})}
        self._hung_after = hung_after
        self._starting = starting
        self._process: asyncio.subprocess.Process | None = None
        self._healthy = asyncio.Event()
        self._down = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start and wait until /health answers 200. Raises ServiceDidNotStart when the first start fails."""
        self._task = asyncio.create_task(self._keep_alive())
        healthy = asyncio.create_task(self._healthy.wait())
        await asyncio.wait({healthy, self._task}, return_when=asyncio.FIRST_COMPLETED)
        healthy.cancel()
        if self._task.done():
            self._task.result()

    async def wait_healthy(self) -> None:
        await self._healthy.wait()

    async def wait_down(self) -> None:
        """Wait until a process that was healthy has ended."""
        await self._down.wait()

    async def stop(self, patience: float = 10.0) -> None:
        """Ask it to finish (SIGTERM), and kill it when it has not after `patience`."""
        self._stopping.set()
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), patience)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._task:
            with contextlib.suppress(ServiceDidNotStart):
                await self._task

    async def _keep_alive(self) -> None:
        pause = 0.2
        while not self._stopping.is_set():
            try:
                was_healthy = await self._live()
                how = f"ended (exit {self._process.returncode if self._process else None})"
            except OSError as error:  # no room for its log, or for another process: that may pass
                if not self.restarts and not self._healthy.is_set():
                    raise
                was_healthy, how = False, f"cannot be started ({error})"
            self._healthy.clear()
            self._down.set()
            if self._stopping.is_set():
                return
            if not was_healthy and self.restarts == 0:
                raise ServiceDidNotStart(self._log_file)
            self.restarts += 1
            pause = 0.2 if was_healthy else min(pause * 2, LONGEST_PAUSE)
            log.error("the service %s; starting it again in %.1f s", how, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _live(self) -> bool:
        """One life of the process. True when it was healthy at least once."""
        with self._log_file.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *with_parent(),
                *self._command,
                stdout=out,
                stderr=out,
                env=self._environment,
                start_new_session=True,
            )
        return await self._watch(self._process)

    async def _watch(self, process: asyncio.subprocess.Process) -> bool:
        """Probe until the process ends, killing it when it hangs. True when it was healthy at least once."""
        ended = asyncio.create_task(process.wait())
        deadline = asyncio.get_running_loop().time() + self._starting
        while not ended.done():
            answered = await self._probe()
            if answered:
                self._down.clear()
                self._healthy.set()
            else:
                await asyncio.wait({ended}, timeout=DYING)
            waited_too_long = asyncio.get_running_loop().time() > deadline
            if self._stopping.is_set():
                break
            if not answered and not ended.done() and (self._healthy.is_set() or waited_too_long):
                log.error("the service does not answer; killing it so that its calls go on to an agent")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                break
            await asyncio.wait({ended}, timeout=PROBE_EVERY)
        await ended
        return self._healthy.is_set()

    async def _probe(self) -> bool:
        """Whether it answers at all; 503 (still rendering, or draining) is an answer, but not yet health."""
        try:
            async with asyncio.timeout(self._hung_after):
                status = await self._status()
        except (OSError, TimeoutError):
            return False
        return status == 200 or (status is not None and self._healthy.is_set())

    async def _status(self) -> int | None:
        """What `/health` answers, asked without an HTTP library, which this process needs for nothing else."""
        reader, writer = await asyncio.open_connection(self._health.hostname, self._health.port)
        try:
            asked = f"GET {self._health.path} HTTP/1.1\r\nHost: {self._health.netloc}\r\nConnection: close\r\n\r\n"
            writer.write(asked.encode())
            told = STATUS.match(await reader.readline())
        finally:
            writer.close()
        return int(told[1]) if told else None
