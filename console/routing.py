"""Routes of pages: who may, and refusals that are pages or sentences rather than errors."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from console.office import Office, by_htmx
from dialling.errors import DiallingError
from outages.errors import OutageError
from outages.rest import STATUS, TooLarge, limited
from outbox.errors import OutboxError
from people.errors import NotSignedIn, PasswordIsOld, PeopleError
from people.roles import Duty, Role
from people.signin import Person
from people.web import allowed, person_from
from prompts.errors import SpeechError
from storage.errors import StorageError

Viewer: TypeAlias = Annotated[Person, Depends(allowed(Role.viewer))]
Operator: TypeAlias = Annotated[Person, Depends(allowed(Role.operator))]
Confidant: TypeAlias = Annotated[Person, Depends(allowed(Role.viewer, duty=Duty.personal))]
"""Sees who subscribers are; agents may be viewers otherwise."""
Keeper: TypeAlias = Annotated[Person, Depends(allowed(Role.administrator, duty=Duty.personal))]
"""Takes lists of subscribers in, gives out and erases what is held about a person."""
Publisher: TypeAlias = Annotated[Person, Depends(allowed(Role.publisher))]
Administrator: TypeAlias = Annotated[Person, Depends(allowed(Role.administrator))]
Agent: TypeAlias = Annotated[Person, Depends(allowed(Role.viewer, duty=Duty.desk))]
Supervisor: TypeAlias = Annotated[Person, Depends(allowed(Role.viewer, duty=Duty.supervisor))]

SIGN_IN = "/console/sign-in"
OWN_PAGE = "/console/me"


async def the_office(request: Request) -> Office:
    """Waits for nothing, yet is a coroutine: a plain function would go through a thread in every request."""
    office: Office = request.app.state.office
    return office


TheOffice: TypeAlias = Annotated[Office, Depends(the_office)]


def part(path: str = "") -> APIRouter:
    """A router for the pages below `/console<path>`."""
    return APIRouter(prefix=f"/console{path}", include_in_schema=False, route_class=PageRoute)


class PageRoute(APIRoute):
    """What goes wrong on a page is told to whoever looks at it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                await (await the_office(request)).pulse.look()
                return await handle(limited(request))
            except Exception as error:
                answer = await _answer_to(request, error)
                if answer is None:
                    raise
                return answer

        return guarded


class NotUnderstood(Exception):
    code = "not_understood"


class TooMuch(Exception):
    code = "too_large"


async def _answer_to(request: Request, error: Exception) -> Response | None:
    """None for what is a fault of ours, or an answer already."""
    match error:
        case NotSignedIn():
            return _elsewhere(request, f"{SIGN_IN}?{urlencode({'next': _return_to(request)})}", 401)
        case PasswordIsOld():
            return _elsewhere(request, OWN_PAGE, 403)
        case PeopleError() | OutageError() | OutboxError() | DiallingError():
            return await _refused(request, error, STATUS.get(error.code, 422))
        case StorageError() | SpeechError():
            return await _refused(request, error, 503)
        case TooLarge() | HTTPException(__cause__=TooLarge()):
            return await _refused(request, TooMuch(), 413)
        case RequestValidationError():
            fields = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
            return await _refused(request, NotUnderstood(fields), 422)
    return None


def _elsewhere(request: Request, path: str, status: int) -> Response:
    """A whole page goes there by itself; a part of one makes the browser go."""
    if by_htmx(request):
        return Response(status_code=status, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _return_to(request: Request) -> str:
    """Only a page that was asked for by GET can be shown again after signing in."""
    return request.url.path if request.method == "GET" and not by_htmx(request) else "/console"


async def _refused(request: Request, error: Exception, status: int) -> Response:
    office = await the_office(request)
    try:
        person = await person_from(request)
    except StorageError:
        person = None
    said = office.said(request, error, person)
    if by_htmx(request):
        return Response(said, status, {"X-Said": quote(said)}, "text/plain; charset=utf-8")
    if person is None:
        return office.outside(request, "console/refused_outside.html", status=status, wrong=said)
    return office.page(request, person, "console/refused.html", status=status, wrong=said)
