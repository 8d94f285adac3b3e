"""How the HTTP service answers everywhere: refusals in one shape, and headers that keep answers out of other pages."""

import re
from collections import defaultdict

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outages.rest import refusal

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PARAMETER = re.compile(r"\{[^}]*\}")
_SAID = {
    404: ("not_found", "There is nothing at this address; /docs lists what there is."),
    405: ("method_not_allowed", "This address does not take that method; /docs lists those that it takes."),
}


def speak_plainly(app: FastAPI) -> None:
    """Give every answer the safe headers, and every error that no route explains the shape of all others."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(SafeHeaders)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = _SAID.get(error.status_code, ("refused", str(error.detail)))
    answer = refusal(error.status_code, code, message)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """All that this address takes: each method may have a route of its own. The route that names most of it counts."""
    takes: defaultdict[int, set[str]] = defaultdict(set)
    for route in iter_route_contexts(request.app.routes):
        if route.path_regex.fullmatch(request.url.path):
            takes[len(_PARAMETER.sub("", str(route.path)))] |= set(route.methods or ())
    return takes[max(takes, default=0)]


async def _failed(request: Request, error: Exception) -> Response:
    """The server logs the error itself once this has been sent."""
    answer = refusal(500, "internal_error", "Something failed inside; the service's log tells what.")
    answer.headers.update(SAFE)
    return answer


class SafeHeaders:
    """Adds what an answer does not say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
