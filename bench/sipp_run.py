"""SIPp, the usual load generator for SIP: `bench/sipp/` holds what it plays, its log tells what happened and when."""

import asyncio
import shutil
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bench.setup import free_port
from ivr.packages import install_packages

SCENARIOS = Path(__file__).parent / "sipp"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log: what happened, to whom, and when, in seconds since 1970."""

    event: str
    fields: tuple[str, ...]
    at: float


def ensure_sipp() -> str:
    """Its path; raises PackagesMissing with a sentence that says what to install."""
    if not shutil.which("sipp"):
        install_packages("sip-tester")
    found = shutil.which("sipp")
    assert found
    return found


class Sipp:
    """One SIPp playing one scenario. `folder` takes its log and what is played to it."""

    def __init__(self, scenario: str, folder: Path, port: int, *arguments: str) -> None:
        self._log = folder / f"{scenario}-{port}.log"
        self._errors = folder / f"{scenario}-{port}.err"
        common = ("-i", HOST, "-p", str(port), "-mp", str(free_port(socket.SOCK_DGRAM)), "-nostdin")
        logs = ("-trace_logs", "-log_file", str(self._log), "-trace_err", "-error_file", str(self._errors))
        self._command = [ensure_sipp(), "-sf", str(SCENARIOS / f"{scenario}.xml"), *common, *logs, *arguments]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Sipp":
        for file in (self._log, self._errors):
            file.unlink(missing_ok=True)
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=quiet, stderr=quiet)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def done(self, patience: float) -> int:
        """SIPp's own verdict once all calls are over: 0 when each went as the scenario says."""
        assert self._process
        return await asyncio.wait_for(self._process.wait(), patience)

    def lines(self) -> list[Line]:
        return read_log(self._log.read_text() if self._log.exists() else "")


def read_log(text: str) -> list[Line]:
    """Lines `event;field;…;date time seconds`, as the scenarios write them."""
    parts = [line.split(";") for line in text.splitlines() if ";" in line]
    return [Line(event, tuple(fields), float(at.split()[-1])) for event, *fields, at in parts]


def write_fields(file: Path, rows: Iterable[Sequence[object]]) -> Path:
    """What SIPp takes by `-inf`, one row a call."""
    file.write_text("\n".join(["SEQUENTIAL", *(";".join(map(str, row)) for row in rows), ""]))
    return file
