"""Takes calls over FastAGI: one TCP connection and one task for each."""

import asyncio
import logging
from collections.abc import Mapping

from ivr import dialplan
from ivr.agi.call import AgiCall
from ivr.agi.connection import AgiConnection
from ivr.line import Equipment
from ivr.runner import Exchange

log = logging.getLogger(__name__)

LOOKS = 1.0
"""Seconds between two looks at who has been kept waiting for too long."""


class AgiServer:
    """Listens while the service runs. A caller whom it cannot take goes on in the dialplan at once."""

    def __init__(self, host: str, port: int, exchange: Exchange, equipment: Equipment) -> None:
        self._host = host
        self._port = port
        self._exchange = exchange
        self._equipment = equipment
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._connections: set[AgiConnection] = set()
        self._looking: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._host, self._port)

    async def stop(self) -> None:
        """Take no new calls; those that run are the exchange's."""
        if self._server:
            self._server.close()

    def _connection(self) -> AgiConnection:
        if self._looking is None:
            self._look_again()
        return AgiConnection(self._arrived, self._connections)

    def _look_again(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOKS, self._look)

    def _look(self) -> None:
        """Whether Asterisk owes somebody an answer; as long as there is anybody."""
        self._looking = None
        now = asyncio.get_running_loop().time()
        for connection in list(self._connections):
            connection.overdue(now)
        if self._connections:
            self._look_again()

    def _arrived(self, connection: AgiConnection, told: Mapping[str, str]) -> None:
        if told.get("agi_network_script") != dialplan.AGI_PATH:
            log.warning("a FastAGI connection was refused: only agi://…/%s is served here", dialplan.AGI_PATH)
            connection.close()
        elif not self._exchange.open:
            connection.close()
        else:
            task = asyncio.create_task(self._serve(AgiCall(connection, told, self._equipment)))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, call: AgiCall) -> None:
        try:
            await self._exchange.take(call)
        finally:
            await call.let_go()
