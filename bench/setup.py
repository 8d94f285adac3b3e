"""An installation of its own for the benchmarks: nothing of yours is touched, and its ports are free ones."""

import socket
import sys
from collections.abc import Callable

import typer

from ivr.settable import ROOT
from ivr.settings import Settings

STATE = ROOT / "var" / "bench"
"""Its prompts are kept between runs, its database is not: every run begins with fresh demonstration outages."""
MEDIA = (20000, 23999)


def bench_settings() -> Settings:
    for file in (*STATE.glob("alo185.db*"), STATE / "board.json"):
        file.unlink(missing_ok=True)
    return Settings(
        state=STATE,
        database_url=None,
        host="127.0.0.1",
        driver="ari",
        rtp_ports=MEDIA,
        port=free_port(socket.SOCK_STREAM),
        agi_port=free_port(socket.SOCK_STREAM),
        asterisk_http_port=free_port(socket.SOCK_STREAM),
        sip_port=free_port(socket.SOCK_DGRAM),
    )


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Callable[..., None]) -> None:
    """A command of its own, with one clear sentence for what people can mend."""
    try:
        typer.run(command)
    except Exception as error:
        if not hasattr(error, "code"):
            raise
        sys.exit(f"bench: {error}")
