"""Who a request comes from, and whether they may. Used by REST and by the pages alike.

The application gives `app.state.signin` (a `SignIn`) and, if it is known, `app.state.public_url`.
"""

import hmac
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.requests import HTTPConnection

from people.errors import NotAllowed, NotSignedIn, PasswordIsOld, PeopleError
from people.roles import Duty, Role
from people.signin import Person, SignIn

COOKIE = "alo185_session"
PENDING_COOKIE = "alo185_sign_in"
"""Of a browser that is at the OpenID Connect provider."""
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
STATUS = {
    "no_key": 401,
    "not_signed_in": 401,
    "wrong_name_or_password": 401,
    "not_allowed": 403,
    "not_their_duty": 403,
    "scope_missing": 403,
    "must_change_password": 403,
    "bad_csrf": 403,
    "other_site": 403,
    "unknown_user": 404,
    "unknown_key": 404,
    "name_taken": 409,
    "last_administrator": 409,
    "wait": 429,
    "oidc_away": 502,
    "oidc_untrusted": 502,
}
"""HTTP status of each refusal; others are 422."""
_SAFE = ("GET", "HEAD", "OPTIONS")


class Allowed:
    """A dependency: the person who asks, who must have this role. What changes something needs their CSRF token."""

    def __init__(self, role: Role, *, before_password: bool = False, duty: Duty | None = None) -> None:
        self.role = role
        self.duty = duty
        self._before_password = before_password

    async def __call__(self, request: Request) -> Person:
        person = await person_from(request)
        if person is None:
            raise NotSignedIn
        if request.method not in _SAFE:
            await check_csrf(request, person)
        if person.must_change and not self._before_password:
            raise PasswordIsOld
        if not person.role.allows(self.role):
            raise NotAllowed(f"This needs the role {self.role}; yours is {person.role}.")
        if self.duty and not person.does(self.duty):
            raise NotAllowed(f"This is the duty {self.duty}, which an administrator gives.", "not_their_duty")
        return person


def allowed(role: Role, *, before_password: bool = False, personal: bool = False, duty: Duty | None = None) -> Allowed:
    """`Depends(allowed(Role.operator))`. `before_password`: also while they still have to choose a password.

    `personal`: only who may see what is personal of subscribers. `duty`: only who has it beside the role.
    """
    return Allowed(role, before_password=before_password, duty=duty)


async def person_from(request: Request) -> Person | None:
    """Who is signed in; asked of the database once in each request."""
    if not hasattr(request.state, "person"):
        signin: SignIn = request.app.state.signin
        request.state.person = await signin.who(request.cookies.get(COOKIE))
    person: Person | None = request.state.person
    return person


async def check_csrf(request: Request, person: Person) -> None:
    """Refuse what another site made the browser send."""
    check_origin(request)
    given = request.headers.get(CSRF_HEADER)
    if given is None and _is_form(request):
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    if not hmac.compare_digest((given or "").encode(), person.csrf.encode()):
        raise PeopleError("This page is out of date; load it again, then repeat what you did.", "bad_csrf")


def check_origin(request: HTTPConnection) -> None:
    """The same for pages without a session, such as the log-in itself."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin is not None and not _own(request, origin)):
        raise PeopleError("This request came from another site.", "other_site")


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def sign_in(request: Request, response: Response, token: str) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="lax", secure=is_secure(request))


def sign_out(request: Request, response: Response) -> None:
    """Take the browser's session away; `SignIn.sign_out` ends it."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure(request))


def remember_pending(request: Request, response: Response, pending: str) -> None:
    """Know the browser again when the provider sends it back; pass it to `OpenIdSignIn.finish`."""
    response.set_cookie(
        PENDING_COOKIE, pending, max_age=600, path="/", httponly=True, samesite="lax", secure=is_secure(request)
    )


def is_secure(request: Request) -> bool:
    """Whether cookies are for https only."""
    return request.url.scheme == "https" or (_public_url(request) or "").startswith("https://")


def _own(request: HTTPConnection, origin: str) -> bool:
    # A proxy that ends TLS leaves us http where the browser has https, so only the host is compared.
    hosts = {request.headers.get("Host", ""), urlsplit(_public_url(request) or "").netloc}
    return urlsplit(origin).netloc.lower() in {host.lower() for host in hosts if host}


def _public_url(request: HTTPConnection) -> str | None:
    url: str | None = getattr(request.app.state, "public_url", None)
    return url


def _is_form(request: Request) -> bool:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")
