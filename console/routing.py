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
from outages.errors import OutageError
from outages.rest import STATUS, TooLarge, limited
from outbox.errors import OutboxError
from people.errors import NotSignedIn, PasswordIsOld, PeopleError
from people.roles import Role
from people.signin import Person
from people.web import allowed, person_from
from prompts.errors import SpeechError
from storage.errors import StorageError

Viewer: TypeAlias = Annotated[Person, Depends(allowed(Role.viewer))]
Operator: TypeAlias = Annotated[Person, Depends(allowed(Role.operator))]
Publisher: TypeAlias = Annotated[Person, Depends(allowed(Role.publisher))]
Administrator: TypeAlias = Annotated[Person, Depends(allowed(Role.administrator))]

SIGN_IN = "/console/sign-in"
OWN_PAGE = "/console/me"


def part(office: Office, path: str = "") -> APIRouter:
    """A router for the pages below `/console<path>`."""
    return APIRouter(prefix=f"/console{path}", include_in_schema=False, route_class=page_route(office))


def page_route(office: Office) -> type[APIRoute]:
    """The route class of the console's pages."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await handle(limited(request))
                except NotSignedIn:
                    return _elsewhere(request, f"{SIGN_IN}?{urlencode({'next': _return_to(request)})}", 401)
                except PasswordIsOld:
                    return _elsewhere(request, OWN_PAGE, 403)
                except (PeopleError, OutageError, OutboxError) as error:
                    return await _refused(office, request, error, STATUS.get(error.code, 422))
                except (StorageError, SpeechError) as error:
                    return await _refused(office, request, error, 503)
                except TooLarge:
                    return await _refused(office, request, TooMuch(), 413)
                except HTTPException as error:
                    if not isinstance(error.__cause__, TooLarge):
                        raise
                    return await _refused(office, request, TooMuch(), 413)
                except RequestValidationError as error:
                    fields = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
                    return await _refused(office, request, NotUnderstood(fields), 422)

            return guarded

    return PageRoute


class NotUnderstood(Exception):
    code = "not_understood"


class TooMuch(Exception):
    code = "too_large"


def _elsewhere(request: Request, path: str, status: int) -> Response:
    """A whole page goes there by itself; a part of one makes the browser go."""
    if by_htmx(request):
        return Response(status_code=status, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _return_to(request: Request) -> str:
    """Only a page that was asked for by GET can be shown again after signing in."""
    return request.url.path if request.method == "GET" and not by_htmx(request) else "/console"


async def _refused(office: Office, request: Request, error: Exception, status: int) -> Response:
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
