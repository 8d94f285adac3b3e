"""What administrators switch in the console while the service runs: seen by every process at once, and audited."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from people import audit
from people.models import Switch
from storage.database import Database
from storage.errors import StorageError

PHONE_PAGE = "phone_page"
"""Whether anybody may call from a browser."""


async def thrown(session: AsyncSession, name: str) -> Switch | None:
    """None while the setting holds."""
    return await session.get(Switch, name, populate_existing=True)


async def throw(session: AsyncSession, now: Callable[[], datetime], who: str, name: str, on: bool | None) -> None:
    """On, off, or None for as the setting says. Nothing is noted where nothing changes."""
    held = await thrown(session, name)
    if (held.on if held else None) is on:
        return
    await session.execute(delete(Switch).where(Switch.name == name))
    if on is not None:
        session.add(Switch(name=name, on=on, at=now(), who=who[:120]))
        what = "switch_on" if on else "switch_off"
        await audit.record(session, now, who, what, name)
    else:
        await audit.record(session, now, who, "switch_left", name)


class Switched:
    """One switch as this process sees it; `setting` holds until somebody throws it."""

    def __init__(self, db: Database, name: str, *, setting: bool) -> None:
        self._db, self._name, self.setting = db, name, setting
        self._seen = False
        """What was seen last holds while the database is away; nobody is let in who may have been shut out."""

    async def on(self) -> bool:
        try:
            async with self._db.reading() as session:
                held = await thrown(session, self._name)
        except StorageError:
            return self._seen
        self._seen = held.on if held else self.setting
        return self._seen
