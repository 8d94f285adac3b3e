"""Where Asterisk's per-call WebSocket arrives: one connection, one call, one task."""

import asyncio
import base64
import binascii
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus

from callflows.call import CallEnded
from ivr import dialplan
from ivr.ari.arrival import Arrival
from ivr.ari.call import AriCall
from ivr.ari.session import Event
from ivr.ari.socket import AriSocket, Headers, headers_of, refusal, welcome, wrong_handshake
from ivr.line import Equipment
from ivr.runner import Exchange, Outgoing

log = logging.getLogger(__name__)

CLOSED_WITHIN = 8.0
"""Seconds; Asterisk takes up to 3.5."""
CHALLENGE = {"WWW-Authenticate": 'Basic realm="alo185"'}

Errand = Callable[[str], Awaitable[Outgoing | None]]
Leaving = Callable[[Sequence[str]], Awaitable[Outgoing | None]]


async def nothing_placed(token: str) -> Outgoing | None:
    """For a house that calls nobody."""
    return None


async def nobody_leaves(told: Sequence[str]) -> Outgoing | None:
    """Where no places in the queue are kept."""
    return None


class AriDoor:
    """Opens to whoever knows the password. A caller whom it cannot take goes on in the dialplan at once.

    `errand` knows, by its token, what is said in a call that we placed; `leaving`, to who comes out of the queue.
    """

    def __init__(
        self,
        exchange: Exchange,
        equipment: Equipment,
        password: str,
        errand: Errand = nothing_placed,
        leaving: Leaving = nobody_leaves,
    ) -> None:
        self._errand, self._leaving = errand, leaving
        self._exchange = exchange
        self._equipment = equipment
        self._password = password
        self._serving: set[asyncio.Task[None]] = set()

    def knocked(
        self,
        transport: asyncio.Transport,
        headers: Iterable[tuple[bytes, bytes]],
        gone: Callable[[AriSocket], object],
    ) -> AriSocket | None:
        """Answer the handshake. None when it was refused: the connection is closed then."""
        told = headers_of(headers)
        if refused := self._refused(told):
            status, why = refused
            log.warning("an ARI connection was refused: %s", why)
            transport.write(refusal(status, why, CHALLENGE if status == HTTPStatus.UNAUTHORIZED else {}))
            transport.close()
            return None
        socket = AriSocket(transport, gone)
        transport.set_protocol(socket)
        transport.write(welcome(told))
        task = asyncio.create_task(self._serve(socket))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return socket

    def _refused(self, headers: Headers) -> tuple[HTTPStatus, str] | None:
        if not authentic(headers.get("authorization", ""), self._password):
            return HTTPStatus.UNAUTHORIZED, "the user or password is wrong"
        if wrong := wrong_handshake(headers):
            return HTTPStatus.BAD_REQUEST, wrong
        return None if self._exchange.open else (HTTPStatus.SERVICE_UNAVAILABLE, "no more calls are taken")

    async def _serve(self, socket: AriSocket) -> None:
        session = socket.session
        try:
            if started := await Arrival(session).call():
                await self._take(AriCall(session, started, self._equipment), started)
        except CallEnded:
            log.warning("an ARI connection brought no call")
        finally:
            # Asterisk closes some seconds after the call has left us; were we first, it would connect again.
            if not session.lost:
                await asyncio.wait({socket.closed}, timeout=CLOSED_WITHIN)
            socket.close()

    async def _take(self, call: AriCall, started: Event) -> None:
        arguments = started.get("args")
        if not arguments:
            await self._exchange.take(call)
        elif outgoing := await self._outgoing(arguments):
            await self._exchange.take(call, outgoing)
        else:
            log.warning("somebody answered a call that we know nothing of; the dialplan hangs up")
            await call.let_go()

    async def _outgoing(self, arguments: object) -> Outgoing | None:
        match arguments:
            case [dialplan.CALL_BACK, str(token)]:
                return await self._errand(token)
            case [dialplan.KEEP_PLACE, *told]:
                return await self._leaving([str(each) for each in told])
        return None


def authentic(authorization: str, password: str) -> bool:
    """Whether a Basic authorization header holds our user and password, compared in constant time."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{dialplan.ARI_USER}:{password}".encode()
    return secrets.compare_digest(given, expected) and scheme.lower() == "basic"
