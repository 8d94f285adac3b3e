"""People for tests. Their passwords are hashed once: hashing is slow on purpose."""

import asyncio
from collections.abc import Collection
from functools import cache

from sqlalchemy import text

from people import passwords
from people.models import User
from people.roles import Duty, Role
from people.service import PeopleService
from people.signin import SignIn
from storage.database import Database
from tests.clusters import in_own_loop
from tests.outage_world import Clock

PASSWORD = "kırmızı-tanker-41"
BROWSER = ("192.0.2.7", "Firefox")


@cache
def kept(password: str = PASSWORD) -> str:
    return in_own_loop(passwords.kept(password))


async def add_person(
    db: Database,
    name: str,
    role: Role = Role.operator,
    clock: Clock | None = None,
    duties: Collection[Duty] | None = None,
) -> User:
    """Somebody whose password is `PASSWORD`; administrators have every duty where none are said."""
    hashed = await asyncio.to_thread(kept)
    async with db.session() as session:
        service = PeopleService(session, clock or Clock(), "tests")
        given = tuple(Duty) if duties is None and role is Role.administrator else duties or ()
        user = await service.create_user(
            name, name.title(), role, password_hash=hashed, must_change=False, duties=given
        )
        await session.commit()
        return user


async def signed_in(signin: SignIn, name: str, password: str = PASSWORD) -> str:
    return await signin.password(name, password, *BROWSER)


async def let_in(signin: SignIn, db: Database, user: User) -> str:
    """The token of somebody who has signed in. No password is compared, which is slow on purpose."""
    async with db.session() as session:
        held = await session.get_one(User, user.id)
        return await signin.begin(session, held, *BROWSER, "password")


async def tamper(db: Database, *statements: str) -> None:
    """As somebody does who owns the database, but neither the key nor the anchor."""
    async with db.session() as session:
        if db.dialect == "sqlite":
            off = ["DROP TRIGGER IF EXISTS audit_log_no_update", "DROP TRIGGER IF EXISTS audit_log_no_delete"]
        else:
            off = ["ALTER TABLE audit_log DISABLE TRIGGER ALL"]
        for statement in [*off, *statements]:
            await session.execute(text(statement))
        await session.commit()
