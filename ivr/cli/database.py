"""What commands share that go straight to the database."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from ivr.settings import Settings
from people.audit import use_secret
from storage.database import Database

T = TypeVar("T")


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """The result of `work` on the installation's database, which must have been prepared."""

    async def run() -> T:
        use_secret(settings.secret("audit"), settings.audit_anchor)
        db = Database(settings.database)
        try:
            await db.check()
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(run())


def writing(settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """The result of `work`, all of which is kept, or nothing."""

    async def run(db: Database) -> T:
        async with db.session() as session:
            done = await work(session)
            await session.commit()
            return done

    return with_database(settings, run)


def reading(settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def run(db: Database) -> T:
        async with db.reading() as session:
            return await work(session)

    return with_database(settings, run)


def who() -> str:
    """Whom histories name for what is done on the command line."""
    return f"cli:{getpass.getuser()}"
