"""Who guesses passwords has to wait, longer each time. Counted in the database, so that every process counts alike."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from people.errors import SignInRefused
from people.models import SignInAttempts
from people.secrets import digest

FORGOTTEN = timedelta(hours=1)
"""After the last failure."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures without a wait, then two seconds, doubled by each further one up to `most`."""

    free: int
    most: timedelta

    def wait(self, failures: int) -> timedelta:
        over = failures - self.free
        return min(timedelta(seconds=2 ** min(over, 20)), self.most) if over > 0 else timedelta(0)


NAME = Limit(3, timedelta(minutes=1))
"""Short, since anybody can make a colleague wait by guessing at their name."""
ADDRESS = Limit(10, timedelta(minutes=15))
"""More are free, since an office has one address."""


def limits(login: str, address: str) -> dict[str, Limit]:
    return {name_key(login): NAME, _address_key(address): ADDRESS}


def name_key(login: str) -> str:
    return digest(f"name {login}")


def _address_key(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return digest(f"address {address}")
    # whoever has one IPv6 address has 2**64 of them
    network = ipaddress.ip_network((known, 64 if known.version == 6 else 32), strict=False)
    return digest(f"address {network}")


async def admit(session: AsyncSession, now: datetime, limits: Mapping[str, Limit]) -> dict[str, int]:
    """Count a try as failed before it is made, so that many at once are not one; `undo` when it was right.

    Returns the failures of each key; raises while one has to wait.
    """
    held = await _locked(session, now, limits)
    until = max(attempts.until for attempts in held.values())
    if until > now:
        wait = int((until - now).total_seconds()) + 1
        raise SignInRefused(f"Too many tries; wait {wait} seconds, then try again.", "wait", wait)
    for key, attempts in held.items():
        if attempts.last < now - FORGOTTEN:
            attempts.failures = 0
        attempts.failures += 1
        attempts.last, attempts.until = now, now + limits[key].wait(attempts.failures)
    return {key: attempts.failures for key, attempts in held.items()}


def seconds(limits: Mapping[str, Limit], failures: Mapping[str, int]) -> int:
    """How long the next try has to wait."""
    return max(int(limit.wait(failures[key]).total_seconds()) for key, limit in limits.items())


async def undo(session: AsyncSession, now: datetime, login: str, address: str) -> None:
    """The try was right: the name starts anew, the address has one failure less (so nobody clears it with a key of
    their own)."""
    await session.execute(delete(SignInAttempts).where(SignInAttempts.key == name_key(login)))
    await session.execute(
        update(SignInAttempts)
        .where(SignInAttempts.key == _address_key(address))
        .values(failures=SignInAttempts.failures - 1, until=now)
    )
    await session.execute(delete(SignInAttempts).where(SignInAttempts.last < now - FORGOTTEN))


async def _locked(session: AsyncSession, now: datetime, keys: Mapping[str, Limit]) -> dict[str, SignInAttempts]:
    """The rows of these keys, nobody else's until the commit; always in one order, so that no two wait in a circle."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    found = {}
    for key in sorted(keys):
        row = {"key": key, "failures": 0, "last": now, "until": now}
        await session.execute(insert(SignInAttempts).values(row).on_conflict_do_nothing())
        query = select(SignInAttempts).where(SignInAttempts.key == key).with_for_update()
        found[key] = (await session.scalars(query)).one()
    return found
