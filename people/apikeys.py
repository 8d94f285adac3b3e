"""Programs' keys: what each may be used for, until when, and when it was used last."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from people import audit
from people.errors import PeopleError
from people.models import ApiKey
from people.roles import Scope
from people.secrets import digest, token
from storage.database import Database

FIRST = "installation"
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept: reading is not to write each time."""
MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Holder:
    """The program that presented a key."""

    name: str
    scopes: frozenset[str]

    @property
    def who(self) -> str:
        """As it is written into histories."""
        return f"api:{self.name}"

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def ensure_api_key(db: Database, secret: str, name: str = FIRST, now: Callable[[], datetime] = _utc_now) -> None:
    """Let the installation's own key do everything; a key made anew replaces the one of that name."""
    async with db.session() as session:
        key = await session.scalar(select(ApiKey).where(ApiKey.name == name))
        if key is None:
            key = ApiKey(name=name, made_by=FIRST, sha256="", created=now(), scopes=list(Scope))
            session.add(key)
        if key.scopes != list(Scope):
            key.scopes = list(Scope)  # a newer version knows more of them
        if key.sha256 != digest(secret):
            key.sha256, key.created = digest(secret), now()
        await session.commit()


async def presented(db: Database, secret: str, now: Callable[[], datetime]) -> Holder | None:
    """Whose key this is, and that it was used now; None when it is unknown, revoked or past its end."""
    at = now()
    async with db.reading() as session:
        key = await session.scalar(select(ApiKey).where(ApiKey.sha256 == digest(secret)))
    if key is None or key.revoked or (key.expires and key.expires <= at):
        return None
    if key.last_used is None or key.last_used <= at - USED_EVERY:
        async with db.session() as session:
            await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used=at))
            await session.commit()
    return Holder(key.name, frozenset(key.scopes))


class KeyService:
    """One administrator's work on keys in one session; nothing here commits."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session = session
        self.now = now
        self.who = who

    async def everything(self) -> Sequence[ApiKey]:
        """By name, also those that no longer work."""
        return (await self.session.scalars(select(ApiKey).order_by(ApiKey.name))).all()

    async def add(self, name: str, scopes: Iterable[Scope], expires: datetime | None = None) -> str:
        """The new key itself, which is never shown again."""
        name, wanted = name.strip(), sorted(set(scopes))
        if not name or len(name) > MOST_NAME or not name.isprintable():
            raise PeopleError(f"A key's name has 1 to {MOST_NAME} printable characters.", "bad_name")
        if not wanted:
            raise PeopleError(f"A key needs at least one scope of {', '.join(Scope)}.", "no_scope")
        if expires is not None and expires <= self.now():
            raise PeopleError("A key must expire in the future.", "bad_expiry")
        if await self.session.scalar(select(ApiKey.id).where(ApiKey.name == name)):
            raise PeopleError(f"There is a key called {name} already; choose another name.", "name_taken")
        secret = token()
        key = ApiKey(name=name, sha256=digest(secret), created=self.now(), scopes=[str(scope) for scope in wanted])
        key.made_by, key.expires = self.who[:120], expires
        self.session.add(key)
        await self.session.flush()
        await audit.record(
            self.session, self.now, self.who, "key_added", f"key:{name}", scopes=key.scopes, expires=expires
        )
        return secret

    async def revoke(self, name: str) -> None:
        """It stops working at once; raises `unknown_key`."""
        key = await self.session.scalar(select(ApiKey).where(ApiKey.name == name))
        if key is None:
            raise PeopleError(f"There is no key called {name}; ./alo185 keys list shows all.", "unknown_key")
        if key.revoked is None:
            key.revoked = self.now()
            await audit.record(self.session, self.now, self.who, "key_revoked", f"key:{name}")
