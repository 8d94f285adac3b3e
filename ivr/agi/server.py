"""Takes calls over FastAGI: one TCP connection and one task for each."""

import asyncio
import logging

from callflows.call import CallEnded
from ivr import dialplan
from ivr.agi.call import AgiCall
from ivr.agi.connection import AgiConnection, AgiError
from ivr.line import Equipment
from ivr.runner import Exchange

log = logging.getLogger(__name__)

GREETING_WITHIN = 2.0
"""Seconds that Asterisk has to say what the call is."""


class AgiServer:
    """Listens while the service runs. A caller whom it cannot take goes on in the dialplan at once."""

    def __init__(self, host: str, port: int, exchange: Exchange, equipment: Equipment) -> None:
        self._host = host
        self._port = port
        self._exchange = exchange
        self._equipment = equipment
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: AgiConnection(self._arrived), self._host, self._port)

    async def stop(self) -> None:
        """Take no new calls; those that run are the exchange's."""
        if self._server:
            self._server.close()

    def _arrived(self, connection: AgiConnection) -> None:
        task = asyncio.create_task(self._serve(connection))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, connection: AgiConnection) -> None:
        try:
            if self._exchange.open:
                async with asyncio.timeout(GREETING_WITHIN):
                    told = await connection.greeting()
                if told.get("agi_network_script") != dialplan.AGI_PATH:
                    raise AgiError(f"only agi://…/{dialplan.AGI_PATH} is served here")
                await self._exchange.take(AgiCall(connection, told, self._equipment))
        except (AgiError, CallEnded, TimeoutError) as error:
            log.warning("a FastAGI connection was refused: %s", str(error) or type(error).__name__)
        finally:
            connection.close()
