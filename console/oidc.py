"""Signing in with the utility's own account: to its identity provider and back."""

from typing import TYPE_CHECKING

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from console.office import Office, go
from console.routing import SIGN_IN, TheOffice, part
from people.errors import PeopleError
from people.web import PENDING_COOKIE, address_of, is_secure, remember_pending, sign_in

if TYPE_CHECKING:
    from people.oidc import OpenIdSignIn

BACK = "/console/oidc/back"

api = part("/oidc")


@api.get("")
async def begin(office: TheOffice, request: Request) -> Response:
    openid = offered(request)
    if openid is None:
        return go(SIGN_IN)
    try:
        url, pending = await openid.begin(_back(request))
    except PeopleError as refused:
        return _refused(office, request, refused)
    answer = RedirectResponse(url, 303)
    remember_pending(request, answer, pending)
    return answer


@api.get("/back")
async def back(office: TheOffice, request: Request) -> Response:
    openid = offered(request)
    if openid is None:
        return go(SIGN_IN)
    query, pending = dict(request.query_params), request.cookies.get(PENDING_COOKIE)
    try:
        token = await openid.finish(query, pending, address_of(request), request.headers.get("User-Agent", ""))
    except PeopleError as refused:
        return _refused(office, request, refused)
    answer = go("/console")
    sign_in(request, answer, token)
    answer.delete_cookie(PENDING_COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure(request))
    return answer


def _refused(office: Office, request: Request, error: PeopleError) -> Response:
    said = office.said(request, error)
    return office.outside(request, "console/sign_in.html", status=401, next="/console", name="", wrong=said, oidc=True)


def offered(request: Request) -> "OpenIdSignIn | None":
    """None where no provider is set."""
    openid: OpenIdSignIn | None = getattr(request.app.state, "openid", None)
    return openid


def _back(request: Request) -> str:
    """Where the provider sends the browser; it must know this address."""
    public: str | None = getattr(request.app.state, "public_url", None)
    return (public or str(request.base_url).rstrip("/")) + BACK
