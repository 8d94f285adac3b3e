"""Two deliberate steps: what is sent by the second page is what its reader was shown, and not long ago."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

from people.signin import Person

HOLDS = timedelta(minutes=15)


def seal(person: Person, now: datetime, *shown: object) -> str:
    """Goes into the form of the page that shows `shown`."""
    at = int(now.timestamp())
    return f"{at}.{_mark(person, at, shown)}"


def holds(given: str, person: Person, now: datetime, *sent: object) -> bool:
    """Whether this person saw exactly this in the last quarter of an hour, in this session."""
    at, _, mark = given.partition(".")
    if (
        not at.isdecimal()
        or len(at) > 12
        or not timedelta(0) <= now - datetime.fromtimestamp(int(at), now.tzinfo) <= HOLDS
    ):
        return False
    return hmac.compare_digest(mark.encode(), _mark(person, int(at), sent).encode())


def _mark(person: Person, at: int, values: tuple[object, ...]) -> str:
    """Keyed by the session's own secret: nobody else's confirmation counts."""
    told = json.dumps([at, *values], default=str).encode()
    return hmac.new(f"{person.session_id} {person.csrf}".encode(), told, hashlib.sha256).hexdigest()
