"""Who may use REST for what: the one place where a key's holder is looked up for rooms that know nothing of people."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from outages.apikeys import owner_of
from outages.errors import OutageError
from storage.database import Database

_key_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Made at first start.")
_bearer = HTTPBearer(auto_error=False)


def holder_of_key(db: Database) -> Callable[..., object]:
    """A dependency that names the holder of the presented key, or refuses."""

    async def holder(
        key: Annotated[str | None, Security(_key_header)],
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> str:
        presented = key or (bearer.credentials if bearer else None)
        if presented:
            async with db.reading() as session:
                owner = await owner_of(session, presented)
            if owner:
                return f"api:{owner}"
        raise OutageError("This needs the API key, as X-API-Key or as a Bearer token.", "no_key")

    return holder
