"""The people of the desk as an administrator makes and changes them. Nothing here commits: the edge does."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from people import audit
from people.errors import LastAdministrator, PeopleError
from people.models import Session, User
from people.names import checked_full_name, checked_language, checked_login, normal
from people.roles import Duty, Role

FIRST = "yonetici"


class PeopleService:
    """One administrator's work in one session. `who` is written into the audit log.

    Passwords come hashed (`people.passwords`): hashing takes long, and no transaction is to wait for it.
    """

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session = session
        self.now = now
        self.who = who

    async def everybody(self) -> Sequence[User]:
        """By name, also who may no longer sign in."""
        return (await self.session.scalars(select(User).order_by(User.name))).all()

    async def get(self, user_id: int) -> User:
        """Raises `unknown_user`."""
        user = await self.session.get(User, user_id)
        if user is None:
            raise PeopleError(f"There is no user {user_id}.", "unknown_user")
        return user

    async def named(self, name: str) -> User:
        """Raises `unknown_user`."""
        user = await self._by_name(normal(name))
        if user is None:
            raise PeopleError(f"There is nobody called {name}; ./alo185 people list shows everybody.", "unknown_user")
        return user

    async def sessions(self, user_id: int) -> Sequence[Session]:
        """Where somebody is signed in, the latest first."""
        query = select(Session).where(Session.user_id == user_id).order_by(Session.seen.desc(), Session.id)
        return (await self.session.scalars(query)).all()

    async def create_user(
        self,
        name: str,
        full_name: str,
        role: Role,
        *,
        language: str = "tr",
        password_hash: str | None = None,
        must_change: bool = True,
        oidc_subject: str | None = None,
        duties: Collection[Duty] = (),
    ) -> User:
        """Somebody new; with `must_change` the first thing they do is to choose a password."""
        login = checked_login(name)
        if await self._by_name(login):
            raise PeopleError(f"Somebody is called {login} already.", "name_taken")
        user = User(
            name=login,
            full_name=checked_full_name(full_name),
            role=role,
            language=checked_language(language),
            password_hash=password_hash,
            must_change=must_change and password_hash is not None,
            oidc_subject=oidc_subject,
            desk=Duty.desk in duties,
            supervisor=Duty.supervisor in duties,
            personal=Duty.personal in duties,
            active=True,
            created=self.now(),
        )
        self.session.add(user)
        await self.session.flush()
        await self._record("user_created", user, role=role)
        return user

    async def change(
        self, user_id: int, *, full_name: str | None = None, role: Role | None = None, language: str | None = None
    ) -> User:
        """What is given; the rest stays. Another role ends their sessions."""
        user = await self.get(user_id)
        if full_name is not None and checked_full_name(full_name) != user.full_name:
            before, user.full_name = user.full_name, checked_full_name(full_name)
            await self._record("user_changed", user, full_name=[before, user.full_name])
        if language is not None:
            user.language = checked_language(language)
        if role is not None and role is not user.role:
            await self._keep_an_administrator(user)
            held, user.role = user.role, role
            await self._record("role_changed", user, role=[held, role])
            await self.end_sessions(user_id)
        return user

    async def give_duties(self, user_id: int, duties: Collection[Duty]) -> User:
        """Exactly these, from their next page on."""
        user = await self.get(user_id)
        before = [duty for duty in Duty if getattr(user, duty)]
        after = [duty for duty in Duty if duty in duties]
        if before != after:
            for duty in Duty:
                setattr(user, duty, duty in duties)
            await self._record("duties_changed", user, duties=[before, after])
        return user

    async def set_password(
        self, user_id: int, password_hash: str, *, must_change: bool = False, keep: str | None = None
    ) -> None:
        """A new password; all their sessions end but `keep`. `must_change`: it was given by somebody else."""
        user = await self.get(user_id)
        user.password_hash, user.must_change = password_hash, must_change
        await self._record("password_reset" if must_change else "password_changed", user)
        await self.end_sessions(user_id, but=keep)

    async def deactivate(self, user_id: int) -> None:
        """They are signed out and cannot sign in again."""
        user = await self.get(user_id)
        if not user.active:
            return
        await self._keep_an_administrator(user)
        user.active = False
        await self._record("user_deactivated", user)
        await self.end_sessions(user_id)

    async def activate(self, user_id: int) -> None:
        """They may sign in again, as they could before."""
        user = await self.get(user_id)
        if not user.active:
            user.active = True
            await self._record("user_activated", user)

    async def end_session(self, user_id: int, session_id: str) -> None:
        """One browser of theirs is signed out; nothing happens if it is not theirs."""
        chosen = delete(Session).where(Session.user_id == user_id, Session.id == session_id).returning(Session.id)
        if (await self.session.scalars(chosen)).all():
            await self._record("sessions_ended", await self.get(user_id), ended=1)

    async def end_sessions(self, user_id: int, *, but: str | None = None) -> int:
        """They are signed out everywhere, except in the session `but`; returns of how many."""
        chosen = delete(Session).where(Session.user_id == user_id, Session.id != (but or "")).returning(Session.id)
        ended = len((await self.session.scalars(chosen)).all())
        if ended:
            await self._record("sessions_ended", await self.get(user_id), ended=ended)
        return ended

    async def first_administrator(self, password_hash: str) -> User | None:
        """Somebody who can make all others, while there is nobody at all."""
        if await self.anybody():
            return None
        who = (FIRST, "Yönetici", Role.administrator)
        return await self.create_user(*who, password_hash=password_hash, duties=tuple(Duty))

    async def anybody(self) -> bool:
        """Whether there is anybody at all, active or not."""
        return bool(await self.session.scalar(select(func.count()).select_from(User)))

    async def _by_name(self, login: str) -> User | None:
        found: User | None = await self.session.scalar(select(User).where(User.name == login))
        return found

    async def _keep_an_administrator(self, user: User) -> None:
        """The lock makes two who send each other away wait for one another."""
        able = select(User.id).where(User.role == Role.administrator, User.active).order_by(User.id).with_for_update()
        if (await self.session.scalars(able)).all() == [user.id]:
            raise LastAdministrator

    async def _record(self, what: str, user: User, **detail: object) -> None:
        await audit.record(self.session, self.now, self.who, what, f"user:{user.name}", **detail)
