"""The whole house under one roof: service under its watchdog, Asterisk beside it, stopped together."""

import asyncio
import logging
import sys
from collections.abc import Callable

from ivr.asterisk.install import Asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.settings import Settings
from ivr.supervision import Supervised

log = logging.getLogger(__name__)


class House:
    """Starts and stops what `./alo185 run` keeps up."""

    def __init__(self, settings: Settings, asterisk: Asterisk | None) -> None:
        self.settings = settings
        self.service_log = settings.state / "log" / "service.log"
        self.service = Supervised(
            [sys.executable, "-m", "ivr", "serve"],
            f"http://{settings.probe_host}:{settings.port}/health",
            self.service_log,
            environment=settings.as_environment(),
        )
        self.asterisk = AsteriskServer(asterisk, settings) if asterisk else None

    async def open(self, said: Callable[[str], None]) -> None:
        """Service first: Asterisk must find it when the first call comes."""
        self.service_log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        said("starting the service")
        await self.service.start()
        if self.asterisk:
            said("starting Asterisk")
            await self.asterisk.start()

    async def until(self, stopped: asyncio.Event) -> None:
        """Stay up. An Asterisk that ends by itself is started again, like the service."""
        waiting = asyncio.create_task(stopped.wait())
        while not waiting.done():
            ended = asyncio.create_task(self.asterisk.wait() if self.asterisk else asyncio.Event().wait())
            await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done() and self.asterisk:
                log.error("Asterisk ended by itself (exit %s); starting it again", ended.result())
                await self.asterisk.start()
            ended.cancel()

    async def close(self) -> None:
        """Asterisk first: no new calls, then the service may finish."""
        if self.asterisk:
            await self.asterisk.stop()
        await self.service.stop()
