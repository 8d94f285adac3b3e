"""The line under test: the real service, the real Asterisk, and three extensions that lead the same call three ways."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.flow import KEY, WAIT
from bench.measure import Process
from bench.rtp import Announcement
from ivr.asterisk.configure import Folders, configure, driver_of, render, values
from ivr.asterisk.install import Asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.settings import Settings
from ivr.supervision import Supervised

WAYS: Mapping[str, str] = {"dialplan": "1850", "ari": "1851", "agi": "1852"}
"""What is dialled for each way in."""
MORE_MODULES = ("app_read.so", "res_speech.so", "res_agi.so")
"""Of the pure dialplan, and of FastAGI, which a configuration for ARI does not load."""


@dataclass(frozen=True, slots=True)
class Line:
    sip_port: int
    opening: Sequence[Announcement]
    answer: Sequence[Announcement]
    asterisk: Process
    service: Process


@asynccontextmanager
async def open_line(settings: Settings, asterisk: Asterisk, files_at_most: int) -> AsyncIterator[Line]:
    """Start all of it and stop it again. The database and the prompts must be there already."""
    address = f"http://{settings.probe_host}:{settings.port}"
    log_file = settings.state / "bench.log"
    service = Supervised(
        [sys.executable, "-m", "bench.serve", str(files_at_most)],
        f"{address}/health",
        log_file,
        environment=settings.as_environment(),
    )
    server = AsteriskServer(asterisk, settings)
    try:
        await service.start()
        async with httpx.AsyncClient(trust_env=False) as client:
            files = (await client.get(f"{address}/bench/files")).raise_for_status().json()
        configure(settings, asterisk)
        add_ways(settings, asterisk, files)
        await server.start()
        assert server.pid
        assert service.pid
        yield Line(
            settings.sip_port,
            [announcement(file) for file in files["opening"]],
            [announcement(file) for file in files["answer"]],
            Process(server.pid),
            Process(service.pid),
        )
    finally:
        await server.stop()
        await service.stop()


def announcement(file: str) -> Announcement:
    return Announcement(Path(f"{file}.alaw").read_bytes())


def add_ways(settings: Settings, asterisk: Asterisk, files: Mapping[str, Sequence[str]]) -> None:
    """Lead the three numbers three ways, in the configuration that was rendered for ARI."""
    folders = Folders(settings.asterisk.absolute())
    own = values(settings, asterisk, folders, folders.etc)
    over_agi = render({**own, "driver": "agi"}, "agi")["alo185.conf"]
    # the same contexts once more under names of their own: there, calls are handed over to FastAGI
    (folders.etc / "agi185.conf").write_text(over_agi.replace("alo185-", "agi185-"))
    with (folders.etc / "extensions.conf").open("a") as out:
        out.write(dialplan(files["opening"], files["answer"]))
    with (folders.etc / "modules.conf").open("a") as out:
        out.writelines(f"\nload = {module}" for module in MORE_MODULES)


def dialplan(opening: Sequence[str], answer: Sequence[str]) -> str:
    lines = [
        "",
        '#include "agi185.conf"',
        "[agi185-queue]",
        "exten => s,1,Hangup()",
        "[alo185-local]",
        f"exten => {WAYS['ari']},1,Goto(alo185-incoming,s,1)",
        f"exten => {WAYS['agi']},1,Goto(agi185-incoming,s,1)",
        f"exten => {WAYS['dialplan']},1,Answer()",
        f" same => n,Read(PRESSED,{'&'.join(opening)},1,,1,{WAIT:.0f})",
        f' same => n,GotoIf($["${{PRESSED}}" != "{KEY}"]?over)',
        f" same => n,Playback({'&'.join(answer)})",
        " same => n(over),Hangup()",
        "",
    ]
    return "\n".join(lines)


def wants_ari(settings: Settings, asterisk: Asterisk) -> bool:
    return driver_of(settings, asterisk) == "ari"
