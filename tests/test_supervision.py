"""A service that hangs or dies is started anew; one that cannot start says so."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from ivr.ports import Port, PortsInUse, require_free
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
