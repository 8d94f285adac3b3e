"""Who is behind a REST request: a program with its key, or the public."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from people.apikeys import Holder, presented
from people.errors import PeopleError
from people.roles import Scope
from storage.database import Database

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="From ./alo185 keys add.")
_bearer = HTTPBearer(auto_error=False)
Key = Annotated[str | None, Security(_header)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
KEY_IS_OPTIONAL: dict[str, Any] = {"security": [{}]}
"""`openapi_extra` of routes that also answer the public."""


def holder(db: Database, now: Callable[[], datetime]) -> Callable[..., Awaitable[Holder | None]]:
    """A dependency: whose key was presented; None for the public. A key that does not work is refused."""

    async def found(key: Key, bearer: Bearer) -> Holder | None:
        secret = key or (bearer.credentials if bearer else None)
        if not secret:
            return None
        known = await presented(db, secret, now)
        if known is None:
            raise PeopleError("This API key is unknown, revoked or past its end.", "no_key")
        return known

    return found


def insider(db: Database, now: Callable[[], datetime]) -> Callable[..., Awaitable[bool]]:
    """A dependency: whether more than the public's part may be shown."""
    find = holder(db, now)

    async def inside(key: Key, bearer: Bearer) -> bool:
        known = await find(key, bearer)
        return known is not None and known.may(Scope.read)

    return inside


def needs(db: Database, now: Callable[[], datetime], scope: Scope) -> Callable[..., Awaitable[str]]:
    """A dependency: who writes, as histories name them; their key must have this scope."""
    find = holder(db, now)

    async def writer(key: Key, bearer: Bearer) -> str:
        known = await find(key, bearer)
        if known is None:
            raise PeopleError("This needs an API key, as X-API-Key or as a Bearer token.", "no_key")
        if not known.may(scope):
            raise PeopleError(f"The key {known.name} may not do this; it needs the scope {scope}.", "scope_missing")
        return known.who

    return writer
