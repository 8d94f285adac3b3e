"""A service that hangs or dies is started anew; one that cannot start says so."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from ivr.ports import Port, PortsInUse, require_free
from ivr.settable import ROOT
from ivr.supervision import ServiceDidNotStart, Supervised
from tests.ports import free_ports

SERVER = """
import http.server, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""

RENDERING = """
import asyncio, sys
answers = [b"no HTTP at all\\r\\n", b"HTTP/1.1 503 Service Unavailable\\r\\n\\r\\n", b"HTTP/1.1 200 OK\\r\\n\\r\\n"]

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    print("asked", flush=True)
    writer.write(answers.pop(0) if len(answers) > 1 else answers[0])
    writer.close()

async def main():
    async with await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()

asyncio.run(main())
"""

PHONE = """
import asyncio, sys
from pathlib import Path
from ivr.asterisk.softphone import Softphone

async def main():
    async with Softphone(Path(sys.argv[1]), "05321234567", server_port=9):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def service(tmp_path: Path):
    (port,) = free_ports(1)
    supervised = Supervised(
        [sys.executable, "-c", SERVER, str(port)], f"http://127.0.0.1:{port}/", tmp_path / "log", hung_after=0.3
    )
    await supervised.start()
    yield supervised
    await supervised.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_killed_or_hung_service_is_replaced(service: Supervised, how: signal.Signals) -> None:
    before = service.pid
    assert before
    os.kill(before, how)
    async with asyncio.timeout(20):
        await service.wait_down()
        await service.wait_healthy()
    assert service.pid != before
    assert service.restarts == 1


class Dying:
    """A process that has ended, of which nobody has been told yet."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    async def wait(self) -> int:
        await self._told.wait()
        return -signal.SIGKILL

    def kill(self) -> None:
        self._told.set()
        raise ProcessLookupError


async def test_a_service_that_died_just_before_it_was_to_be_killed_is_no_error(tmp_path: Path) -> None:
    """Else nobody would look after it any more."""
    (port,) = free_ports(1)
    supervised = Supervised([], f"http://127.0.0.1:{port}/", tmp_path / "log", starting=-1)
    async with asyncio.timeout(20):
        assert not await supervised._watch(Dying())  # type: ignore[arg-type]


async def test_a_disk_that_takes_no_log_for_a_while_does_not_end_the_watch(service: Supervised, tmp_path: Path) -> None:
    log, away = tmp_path / "log", tmp_path / "away"
    log.rename(away)
    log.mkdir()  # nothing can be written where a folder stands
    assert service.pid
    os.kill(service.pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while service.restarts < 2:  # noqa: ASYNC110  # nobody tells of a start that failed
            await asyncio.sleep(0.05)
        log.rmdir()
        await service.wait_healthy()
    assert service.pid


async def test_a_service_is_up_once_it_says_so(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    command = [sys.executable, "-c", RENDERING, str(port)]
    supervised = Supervised(command, f"http://127.0.0.1:{port}/health", tmp_path / "log")
    await supervised.start()
    told = (tmp_path / "log").read_text().split()
    await supervised.stop()
    assert told == ["asked"] * 3
    assert supervised.restarts == 0


async def test_a_service_that_cannot_start_says_where_its_last_words_are(tmp_path: Path) -> None:
    broken = Supervised(
        [sys.executable, "-c", "raise SystemExit('port taken')"], "http://127.0.0.1:1/", tmp_path / "service.log"
    )
    with pytest.raises(ServiceDidNotStart, match=r"port taken.*service\.log"):
        await broken.start()


def test_taken_ports_are_named_with_their_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = Port("127.0.0.1", taken.getsockname()[1], "tcp", "HTTP service", "--port")
        with pytest.raises(PortsInUse, match=f"tcp {port.number}.*HTTP service.*--port"):
            require_free([port])
    require_free([port])


async def test_a_killed_run_leaves_no_telephone_behind(tmp_path: Path) -> None:
    folder = tmp_path / "phone"
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PHONE, str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert run.stdout
    assert await run.stdout.readline() == b"up\n"
    (phone,) = phones_in(folder)
    run.kill()
    await run.wait()
    async with asyncio.timeout(30):
        while phone in phones_in(folder):  # noqa: ASYNC110  # the end of somebody else's child has no event
            await asyncio.sleep(0.05)


def phones_in(folder: Path) -> list[int]:
    """Processes that were started with that folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if str(folder).encode() in words and b"baresip" in words[0]:
                found.append(int(entry.name))
    return found
