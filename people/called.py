"""Who is behind a login, for those who read what was done."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from people.models import User


async def full_names(session: AsyncSession, logins: Iterable[str | None]) -> Mapping[str, str]:
    """By login; keys of programs and people whom nobody knows any more are left out."""
    wanted = {login for login in logins if login}
    found = await session.execute(select(User.name, User.full_name).where(User.name.in_(wanted)))
    return {name: full_name for name, full_name in found if full_name != name}
