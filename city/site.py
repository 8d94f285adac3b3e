"""The public pages and feeds below everything else: a finished answer costs a look into a dictionary."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from city.paths import City
from city.shelf import Header, Ready
from web.headers import PAGE

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAFE: list[Header] = [
    (name.lower().encode(), value.encode())
    for name, value in {
        **{name: value for name, value in PAGE.items() if name != "Vary"},
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }.items()
]
_OPEN: list[Header] = [(b"access-control-allow-origin", b"*"), (b"x-content-type-options", b"nosniff")]
"""Feeds are for everybody's programs, also those in browsers."""


class PublicSite:
    """ASGI: answers GET and HEAD of public addresses itself, and passes everything else on."""

    def __init__(self, app: App, city: City) -> None:
        self._app = app
        self._city = city

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        answer = self._city.at_hand(path, scope["query_string"]) or await self._city.made(path, scope["query_string"])
        if answer is None:
            return await self._app(scope, receive, send)
        await _answer(answer, scope, send, _OPEN if "/feeds/" in path else _SAFE)


async def _answer(answer: Ready, scope: Scope, send: Send, more: list[Header]) -> None:
    if_none_match = if_modified_since = None
    packs = False
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            packs = _takes_gzip(value)
        elif name == b"if-none-match":
            if_none_match = value
        elif name == b"if-modified-since":
            if_modified_since = value
    body, headers, status = answer.plain, answer.plain_headers, answer.status
    if (if_none_match or if_modified_since) and answer.same(if_none_match, if_modified_since):
        body, headers, status = b"", answer.same_headers, 304
    elif packs and answer.packed is not None:
        body, headers = answer.packed, answer.packed_headers
    await send({"type": "http.response.start", "status": status, "headers": headers + more})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _takes_gzip(accepted: bytes) -> bool:
    if accepted.startswith(b"gzip") and b"q=0" not in accepted:
        return True
    for part in accepted.replace(b" ", b"").lower().split(b","):
        name, _, weight = part.partition(b";q=")
        if name in (b"gzip", b"*"):
            return weight.strip(b"0.") != b"" or weight == b""
    return False
