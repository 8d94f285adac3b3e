"""What the forms of the public site share. No session, no cookie: nothing that another site could ride on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from starlette.responses import Response

from people.web import check_origin

MOST_BYTES = 8192


def localized(language: str, answer: Callable[[Request, Any], Any]) -> Callable[[Request], Any]:
    """An endpoint that answers in this language."""

    async def endpoint(request: Request) -> Response:
        made: Response = await answer(request, language)
        return made

    return endpoint


async def fields_of(request: Request) -> dict[str, str]:
    """The first of each field; more than a form can hold is not read. Raises `other_site`."""
    check_origin(request)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return {}
    try:
        given = parse_qs(body.decode(), max_num_fields=20, keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[0] for name, values in given.items()}
