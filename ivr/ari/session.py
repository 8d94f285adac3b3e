"""ARI on the wire: requests, replies and events of one call over the WebSocket that Asterisk opened for it."""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from callflows.call import CallEnded

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 262_144

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """Asterisk's answer to a request; status 0 when the WebSocket was lost before it came."""

    status: int = 0
    body: str = ""

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def gone(self) -> bool:
        """What was asked about is no longer there."""
        return self.status == 404


class AriError(Exception):
    """The other side does not speak ARI."""

    code = "ari_error"


class AriSession:
    """Requests go out in the order of their calls; replies come back as futures, so that none need be waited for."""

    def __init__(self, send: Callable[[str], None]) -> None:
        """`send` raises CallEnded once nothing can be sent any more."""
        self._send = send
        self._numbers = itertools.count(1)
        self._replies: dict[str, asyncio.Future[Reply]] = {}
        self.on_event: Callable[[Event], None] = lambda event: None
        self.on_lost: Callable[[], None] = lambda: None
        self.lost = False

    def request(self, method: str, *path: str, body: str = "", **parameters: str) -> asyncio.Future[Reply]:
        """Send a REST request; the future is its reply. Raises CallEnded when the WebSocket is gone."""
        if self.lost:
            raise CallEnded
        number = str(next(self._numbers))
        uri = "/".join(quote(part, safe="") for part in path)
        if parameters:
            uri += "?" + urlencode(parameters, quote_via=quote)
        message = {"type": "RESTRequest", "request_id": number, "method": method, "uri": uri}
        if body:
            message |= {"content_type": "application/json", "message_body": body}
        self._send(json.dumps(message))
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        return reply

    def received(self, text: str) -> None:
        """Take one message. Raises AriError when it is none."""
        if len(text) > LONGEST_MESSAGE:
            raise AriError("a message is too long")
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise AriError("a message is not JSON") from error
        if not isinstance(message, dict):
            raise AriError("a message is not an object")
        if message.get("type") == "RESTResponse":
            self._replied(message)
        else:
            self.on_event(message)

    def over(self) -> None:
        """The WebSocket is gone."""
        if self.lost:
            return
        self.lost = True
        for reply in self._replies.values():
            if not reply.done():
                reply.set_result(Reply())
        self._replies.clear()
        self.on_lost()

    def _replied(self, message: Event) -> None:
        reply = self._replies.pop(str(message.get("request_id")), None)
        status = message.get("status_code")
        if reply and not reply.done():
            reply.set_result(Reply(status if isinstance(status, int) else 0, text(message, "message_body")))


def text(event: Event, *path: str) -> str:
    """A string inside an event; empty when it is not there."""
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
