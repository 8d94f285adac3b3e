"""Signing in and out. A session lives in the database, so that it can be ended from anywhere at once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from people import audit, passwords, throttle
from people.errors import SignInRefused
from people.models import Session, User
from people.names import normal
from people.roles import Duty, Role
from people.secrets import digest, token
from people.service import PeopleService
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is kept: reading a page is not to write each time."""
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, for one request."""

    id: int
    name: str
    full_name: str
    role: Role
    language: str
    csrf: str
    session_id: str
    must_change: bool = False
    desk: bool = False
    """Whether they take calls."""
    supervisor: bool = False
    personal: bool = False
    """Whether they see who subscribers are."""

    def does(self, duty: Duty) -> bool:
        return bool(getattr(self, duty))


class SignIn:
    """The log-in of one installation."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        *,
        idle: timedelta = timedelta(minutes=60),
        lifetime: timedelta = timedelta(hours=12),
    ) -> None:
        """A session ends when nothing was asked for `idle`, and after `lifetime` in any case."""
        self._db = db
        self._now = now
        self._idle = idle
        self._lifetime = lifetime

    async def password(self, name: str, password: str, address: str, agent: str) -> str:
        """The token of a new session, or `SignInRefused`. Unknown names take as long as wrong passwords."""
        login = normal(name)
        user, wait = await self._admitted(login, address)
        known = user.password_hash if user and user.active else None
        right, renewed = await passwords.matches(password, known)
        if not right or user is None:
            raise _wrong(wait)
        async with self._db.session() as session:
            held = await session.get(User, user.id, with_for_update=True)
            if held is None or not held.active or held.password_hash != known:
                raise _wrong(wait)  # ended or changed since it was looked at
            held.password_hash = renewed or known
            await throttle.undo(session, self._now(), login, address)
            return await self.begin(session, held, address, agent, "password")

    async def begin(self, session: AsyncSession, user: User, address: str, agent: str, how: str) -> str:
        """Let a proven person in; commits."""
        at, value = self._now(), token()
        await session.execute(delete(Session).where(or_(Session.expires <= at, Session.seen <= at - self._idle)))
        session.add(
            Session(
                id=digest(value),
                user_id=user.id,
                csrf=token(),
                created=at,
                seen=at,
                expires=at + self._lifetime,
                address=address[:64],
                agent=_printable(agent)[:200],
            )
        )
        user.last_login = at
        await audit.record(session, self._now, user.name, "signed_in", f"user:{user.name}", how=how)
        await session.commit()
        return value

    async def who(self, token: str | None, *, counts: bool = True) -> Person | None:
        """Whose session this is; None when it ended, or never was.

        Not `counts`: what a page asks by itself does not keep alive a session that nobody uses.
        """
        if not token or len(token) > LONGEST_TOKEN:
            return None
        at = self._now()
        query = select(Session, User).join(User, User.id == Session.user_id).where(Session.id == digest(token))
        async with self._db.reading() as reading:
            found = (await reading.execute(query)).one_or_none()
        if found is None:
            return None
        session, user = found
        if not user.active or session.expires <= at or session.seen <= at - self._idle:
            return None
        if counts and session.seen <= at - SEEN_EVERY:
            await self._seen(session.id, at)
        return Person(
            user.id,
            user.name,
            user.full_name,
            user.role,
            user.language,
            session.csrf,
            session.id,
            user.must_change,
            desk=user.desk,
            supervisor=user.supervisor,
            personal=user.personal,
        )

    async def sign_out(self, token: str | None) -> None:
        """End the session of this token, if it is one."""
        person = await self.who(token)
        if person is None:
            return
        async with self._db.session() as session:
            await session.execute(delete(Session).where(Session.id == person.session_id))
            await audit.record(session, self._now, person.name, "signed_out", f"user:{person.name}")
            await session.commit()

    async def change_password(self, person: Person, present: str, new: str, address: str) -> None:
        """Somebody's own password, proved by the present one. Their other sessions end, this one stays."""
        user, wait = await self._admitted(person.name, address)
        known = user.password_hash if user else None
        right, _ = await passwords.matches(present, known)
        if not right:
            raise SignInRefused("The present password is wrong.", "wrong_password", wait)
        if new == present:
            raise SignInRefused("Choose a password that differs from the present one.", "same_password")
        kept = await passwords.accepted(new, person.name)
        async with self._db.session() as session:
            await throttle.undo(session, self._now(), person.name, address)
            service = PeopleService(session, self._now, person.name)
            await service.set_password(person.id, kept, keep=person.session_id)
            await session.commit()

    async def _admitted(self, login: str, address: str) -> tuple[User | None, int]:
        """The person of that name, and how long the next try has to wait if this one is wrong."""
        keys = throttle.limits(login, address)
        async with self._db.session() as session:
            failures = await throttle.admit(session, self._now(), keys)
            user: User | None = await session.scalar(select(User).where(User.name == login))
            if user and failures[throttle.name_key(login)] == throttle.NAME.free + 1:
                await audit.record(session, self._now, "nobody", "sign_in_slowed", f"user:{login}", address=address)
            await session.commit()
        return user, throttle.seconds(keys, failures)

    async def _seen(self, session_id: str, at: datetime) -> None:
        """A database that is busy or away for writing is no reason to send anybody out."""
        try:
            async with self._db.session() as session:
                await session.execute(update(Session).where(Session.id == session_id).values(seen=at))
                await session.commit()
        except StorageError as error:
            log.warning("the last use of a session could not be kept: %s", error)


def _wrong(wait: int) -> SignInRefused:
    return SignInRefused("The name or the password is wrong.", "wrong_name_or_password", wait)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
