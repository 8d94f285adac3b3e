"""`./alo185 run`: everything started, proved by one real call, stopped by Ctrl-C."""

import asyncio
import shutil
import signal
import time
from typing import Annotated, Literal

import typer

from ivr.asterisk.baresip import ensure_softphone
from ivr.asterisk.configure import driver_of
from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.install import Asterisk, Wanted, ensure_asterisk
from ivr.asterisk.supervisor import asterisk_ports
from ivr.cli.progress import Steps
from ivr.house import House
from ivr.installation import first_administrator, install
from ivr.packages import PackagesMissing
from ivr.ports import require_free, service_ports
from ivr.settings import Settings
from people.service import FIRST

PROOF_CALLER = "02620000185"
PROOF_KEYS = ["1", "2", "1"]
"""Outages, the second affected district (Gebze among the demo outages), its first affected neighbourhood."""


def run(
    asterisk: Annotated[Wanted, typer.Option(help="Which Asterisk: the system's, or one of our own.")] = "auto",
    no_asterisk: Annotated[
        bool, typer.Option("--no-asterisk", help="Only the service, for your own Asterisk.")
    ] = False,
    no_call: Annotated[bool, typer.Option("--no-call", help="Do not place the proving call.")] = False,
    driver: Annotated[Literal["ari", "agi"] | None, typer.Option(help="How Asterisk hands calls over.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port of the HTTP service.")] = None,
    agi_port: Annotated[int | None, typer.Option(help="TCP port of FastAGI.")] = None,
    sip_port: Annotated[int | None, typer.Option(help="UDP port of the bundled Asterisk.")] = None,
    asterisk_http_port: Annotated[int | None, typer.Option(help="TCP port of Asterisk's HTTP server.")] = None,
) -> None:
    """Set everything up, start it, prove it with one real call, and stay up until Ctrl-C."""
    began = time.monotonic()
    given = {
        "driver": driver,
        "port": port,
        "agi_port": agi_port,
        "sip_port": sip_port,
        "asterisk_http_port": asterisk_http_port,
    }
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    ports = service_ports(settings)
    if not no_asterisk:
        ports += asterisk_ports(settings, settings.driver)
    require_free(ports)
    with Steps() as steps:
        found = None if no_asterisk else ensure_asterisk(asterisk, steps.share)
        asyncio.run(_live(settings, found, steps, began, with_call=not no_call))


async def _live(settings: Settings, asterisk: Asterisk | None, steps: Steps, began: float, *, with_call: bool) -> None:
    _stop_when_told(asyncio.get_running_loop(), asyncio.current_task())
    house = House(settings, asterisk)
    try:
        await install(settings, asterisk, steps.now, steps.count)
        if settings.smtp_host:
            from ivr.reporting import ready_to_print  # reports are much to load for who sends none

            await ready_to_print(steps.now)
        with_call = bool(asterisk) and with_call and await _softphone(steps)
        await house.open(steps.now)
        steps.now(f"taking calls after {time.monotonic() - began:.0f} s")
        if with_call:
            from ivr.cli.call import trial  # what it hears with takes a quarter of a second to load

            steps.now("placing one real call to 185 (it lasts about a minute)")
            proof = await trial(settings, PROOF_CALLER, PROOF_KEYS)
            steps.tell(f"{proof.transcript()}\n\nrecording: {proof.recording}\n")
        steps.tell(_where(settings, asterisk))
        if password := await first_administrator(settings):
            steps.tell(_first(password))
        await house.until(asyncio.Event())
    except asyncio.CancelledError:
        pass
    finally:
        steps.now("stopping")
        await house.close()


def _stop_when_told(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None] | None) -> None:
    """Ctrl-C ends the task whatever it is at; once is enough."""
    told = False

    def stop() -> None:
        nonlocal told
        if task and not told:
            told = task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


async def _softphone(steps: Steps) -> bool:
    """Whether a proving call can be placed; when not, the house is to stand without."""
    if shutil.which("baresip") is None:
        steps.now("installing a softphone for the proving call")
    try:
        await asyncio.to_thread(ensure_softphone)
    except (PackagesMissing, PhoneFailed) as error:
        steps.tell(f"alo185: no proving call: {error}")
        return False
    return True


def _where(settings: Settings, asterisk: Asterisk | None) -> str:
    web = f"http://{settings.probe_host}:{settings.port}"
    lines = [
        "Alo 185 is up. Ctrl-C stops all of it.",
        f"  operators' console          {web}/console",
        f"  what the city sees          {web}/",
        f"  REST and its documentation  {web}/docs",
        f"  API key for everything      {settings.state / 'secrets' / 'api-key'}",
        f"  database                    {settings.database.split('@')[-1]}",
        f"  logs                        {settings.state / 'log'}",
    ]
    if asterisk and settings.has_phone_page and driver_of(settings, asterisk) == "ari":
        lines.insert(3, f"  call 185 from the browser   {web}/phone")
    if asterisk:
        version = ".".join(map(str, asterisk.version))
        lines += [
            f"  Asterisk {version:<18} over {driver_of(settings, asterisk).upper()}, {settings.asterisk}",
            f"  dial it                     sip:185@127.0.0.1:{settings.sip_port}",
            '  another call                ./alo185 call --from 05321234567 --keys "1 4 9 6"',
        ]
    return "\n".join(lines)


def _first(password: str) -> str:
    return (
        "\nThe first administrator, shown this once; a password of your own is asked for at the first sign-in:\n"
        f"  name                        {FIRST}\n"
        f"  one-time password           {password}\n"
        f"  lost it?                    ./alo185 people reset-password {FIRST}"
    )


def register(app: typer.Typer) -> None:
    app.command()(run)
