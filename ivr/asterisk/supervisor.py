"""Runs one Asterisk as a child of ours: started in the foreground, awaited until it takes calls, stopped gracefully.

asterisk = ensure_asterisk()
configure(settings, asterisk)
async with AsteriskServer(asterisk, settings):
    ...  # sip:185@127.0.0.1:<settings.sip_port> reaches the dialplan
"""

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.asterisk.configure import Folders, driver_of
from ivr.asterisk.errors import StartFailed
from ivr.asterisk.install import Asterisk
from ivr.children import goes_first, with_parent
from ivr.ports import Port, require_free
from ivr.settings import Settings

ASK_EVERY = 0.05
LONGEST_START = 60.0
LONGEST_STOP = 10.0


def asterisk_ports(settings: Settings, driver: str) -> list[Port]:
    """The ports that Asterisk is going to bind."""
    hosts = dict.fromkeys((settings.sip_host, "127.0.0.1"))
    ports = [Port(host, settings.sip_port, "udp", "Asterisk's SIP", "ALO185_SIP_PORT") for host in hosts]
    if driver == "ari":
        ports.append(
            Port("127.0.0.1", settings.asterisk_http_port, "tcp", "Asterisk's HTTP", "ALO185_ASTERISK_HTTP_PORT")
        )
    return ports


class AsteriskServer:
    """One running Asterisk. Its folders, log and control socket are below `settings.asterisk`."""

    def __init__(self, asterisk: Asterisk, settings: Settings) -> None:
        self._asterisk = asterisk
        self._ports = asterisk_ports(settings, driver_of(settings, asterisk))
        self._folders = Folders(settings.asterisk.absolute())
        self._command = (*asterisk.command, "-C", str(self._folders.etc / "asterisk.conf"))
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def log_file(self) -> Path:
        return self._folders.log / "messages.log"

    @property
    def console_file(self) -> Path:
        """What Asterisk printed before its log was open."""
        return self._folders.log / "console.log"

    async def start(self) -> None:
        """Start and wait until calls are taken. Raises PortsInUse or StartFailed."""
        require_free(self._ports)
        with self.console_file.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *with_parent(), *self._command, "-f", stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out
            )
            goes_first(self._process.pid)
        try:
            async with asyncio.timeout(LONGEST_START):
                await self._ready(self._process)
        except TimeoutError:
            await self.stop()
            raise StartFailed(f"Asterisk was not ready after {LONGEST_START:.0f} s: see {self.log_file}.") from None

    async def stop(self) -> None:
        """Hang up what is left and end it; kill it when it does not end by itself."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), LONGEST_STOP)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def wait(self) -> int:
        """Wait until it ends, by whatever cause; its exit status."""
        assert self._process is not None
        return await self._process.wait()

    async def ask(self, command: str) -> str:
        """What Asterisk's console answers to `command`; empty while nobody listens there."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            "-rx",
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        answer, _ = await process.communicate()
        return answer.decode(errors="replace") if process.returncode == 0 else ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        while process.returncode is None:
            if self._folders.socket.exists() and "fully booted" in await self.ask("core waitfullybooted"):
                break
            await asyncio.sleep(ASK_EVERY)
        transports = await self.ask("pjsip show transports") if process.returncode is None else ""
        if "transport-udp" in transports:
            return
        ended = process.returncode
        await self.stop()
        why = f"ended at once (exit {ended})" if ended is not None else "could not open its SIP port"
        raise StartFailed(f"Asterisk {why}: see {self.log_file} and {self.console_file}. {self._last_error()}".strip())

    def _last_error(self) -> str:
        lines: list[str] = []
        for file in (self.console_file, self.log_file):
            with contextlib.suppress(FileNotFoundError):
                lines += [line for line in file.read_text(errors="replace").splitlines() if "ERROR" in line]
        return lines[-1][-300:] if lines else ""
