"""How REST refuses: every error is `{"error": {"code", "message"}}`, and no body is larger than it may be."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Message, Scope

from outages.errors import OutageError
from outages.schemas import ErrorOut, Problem
from outbox.errors import OutboxError
from people.errors import PeopleError
from people.web import STATUS as PEOPLE
from storage.errors import StorageError

MOST_JSON = 256 * 1024
MOST_UPLOAD = 12 * 1024 * 1024
STATUS = PEOPLE | {
    "unknown_outage": 404,
    "unknown_broadcast": 404,
    "no_such_area": 404,
    "unknown_webhook": 404,
    "unknown_delivery": 404,
    "webhook_off": 409,
    "unknown_notice": 404,
    "too_many_places": 409,
    "revision_conflict": 412,
    "external_id_taken": 409,
    "cancelled": 409,
    "already_restored": 409,
    "already_published": 409,
    "not_published": 409,
    "not_started": 409,
    "not_submitted": 409,
    "needs_second_person": 409,
    "undo_too_late": 409,
    "undo_not_yours": 409,
    "broadcast_over": 409,
    "changed_meanwhile": 409,
    "unknown_template": 404,
    "unknown_page": 404,
    "unknown_ticket": 404,
    "unknown_call": 404,
    "unknown_promise": 404,
    "unknown_entry": 404,
    "unknown_queue": 404,
    "unknown_target": 404,
    "unknown_recording": 404,
    "in_a_call": 409,
    "result_first": 409,
    "no_call": 409,
    "not_talking": 409,
    "agent_not_talking": 409,
    "exchange_away": 503,
    "no_desk_here": 503,
    "unknown_file": 404,
    "unknown_unit": 404,
    "unknown_route": 404,
    "unknown_step": 404,
    "no_such_outage": 404,
    "link_unknown": 404,
    "no_such_status": 404,
    "key_reused": 409,
    "impossible_move": 409,
    "must_ask": 409,
    "merged": 409,
    "not_merged": 409,
    "bad_merge": 409,
    "not_open": 409,
    "not_attached": 409,
    "link_used": 409,
    "unit_in_use": 409,
    "too_many_files": 409,
    "file_too_large": 413,
    "file_not_kept": 503,
    "ticket_not_saved": 503,
    "upload_gone": 404,
    "unknown_figure": 404,
    "no_paper": 503,
    "paper_failed": 503,
}
_REFUSED = 422
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut, "description": told}
    for status, told in (
        (400, "The body is neither JSON nor a form."),
        (401, "The API key is missing or wrong."),
        (403, "The API key lacks the scope that this needs."),
        (404, "There is no such thing."),
        (409, "The outage is in a state in which this cannot be done."),
        (412, "Somebody changed it meanwhile (`If-Match`)."),
        (413, "The body is too large."),
        (422, "What was sent cannot be true or is not understood."),
        (503, "The database does not answer."),
    )
}


class TooLarge(Exception):
    """A body beyond its limit."""


class PlainErrors(APIRoute):
    """A route whose refusals are sentences. Where a row's number belongs, a word leads nowhere."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """`/outages/{outage_id}` is not what answers a GET of `/outages/import`."""
        match, child = super().matches(scope)
        numbers = [value for name, value in child.get("path_params", {}).items() if name.endswith("_id")]
        if any(not str(number).lstrip("-").isdecimal() for number in numbers):
            return Match.NONE, {}
        return match, child

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(limited(request))
            except (OutageError, OutboxError, PeopleError) as error:
                return refusal(STATUS.get(error.code, _REFUSED), error.code, error.message)
            except StorageError as error:
                return refusal(503, error.code, str(error))
            except RequestValidationError as error:
                return refusal(_REFUSED, "not_understood", _sentence(error))
            except TooLarge:
                return _too_large(request)
            except HTTPException as error:
                if isinstance(error.__cause__, TooLarge):
                    return _too_large(request)
                return refusal(error.status_code, "not_understood", str(error.detail))

        return guarded


def refusal(status: int, code: str, message: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = ErrorOut(error=Problem(code=code, message=message))
    return Response(body.model_dump_json(), status, headers, "application/json")


def limited(request: Request) -> Request:
    """The request, which raises TooLarge when more comes than may."""
    limit = _limit(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge
    return Request(request.scope, _counting(request.receive, limit))


def _counting(receive: Callable[[], Awaitable[Message]], limit: int) -> Callable[[], Awaitable[Message]]:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    return counted


def _limit(request: Request) -> int:
    upload = request.headers.get("content-type", "").startswith("multipart/form-data")
    return MOST_UPLOAD if upload else MOST_JSON


def _too_large(request: Request) -> Response:
    return refusal(413, "too_large", f"Send at most {_limit(request) // 1024} KiB at once.")


def _sentence(error: RequestValidationError) -> str:
    """The first few faults with the field that each is in."""
    faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()[:3]]
    return "; ".join(faults) + "."
