"""Recorded calls and what is personal of contacts: how it is heard, and when it is removed."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agents.errors import AgentError
from agents.models import CallRecording, Contact
from people import audit
from storage.database import Database

_NAME = re.compile(r"[0-9]+-[0-9a-f]{16}\.wav")


class Keeping:
    """`folder`: where the exchange writes recorded calls."""

    def __init__(self, db: Database, now: Callable[[], datetime], folder: Path) -> None:
        self._db, self._now, self._folder = db, now, folder

    async def play(self, recording_id: int, who: str) -> bytes:
        """A WAV; that it was listened to is written into the audit log. Raises `unknown_recording`."""
        async with self._db.session() as session:
            recording = await session.get(CallRecording, recording_id)
            if recording is None or recording.stored is None or not _NAME.fullmatch(recording.stored):
                raise _unknown()
            await audit.record(session, self._now, who, "call_played", f"contact:{recording.contact_id}")
            try:
                sound = await asyncio.to_thread((self._folder / recording.stored).read_bytes)
            except OSError:
                raise _unknown() from None
            await session.commit()
        return sound

    async def purge(self, recording_days: int, personal_days: int) -> int:
        """Recordings and callers' numbers that are past their time; how many recordings were removed."""
        recordings, personal = timedelta(days=recording_days), timedelta(days=personal_days)
        async with self._db.session() as session:
            old = select(CallRecording).where(CallRecording.stored.is_not(None))
            names = await self._take_out(session, old.where(CallRecording.at < self._now() - recordings))
            contacts = update(Contact).where(Contact.rang < self._now() - personal)
            await session.execute(contacts.values(number=None, number_hash=None, note=None))
            await session.commit()
        await self._remove(names)
        return len(names)

    async def forget(self, number_hash: str) -> int:
        """Somebody withdrew their consent: what is personal of their contacts, and recordings; how many contacts."""
        async with self._db.session() as session:
            ids = (await session.scalars(select(Contact.id).where(Contact.number_hash == number_hash))).all()
            old = select(CallRecording).where(CallRecording.stored.is_not(None), CallRecording.contact_id.in_(ids))
            names = await self._take_out(session, old)
            theirs = update(Contact).where(Contact.number_hash == number_hash)
            await session.execute(theirs.values(number=None, number_hash=None, note=None))
            await session.commit()
        await self._remove(names)
        return len(ids)

    async def _take_out(self, session: AsyncSession, which: Select[Any]) -> list[str]:
        """Names of the files that are to be removed once this is committed."""
        found = (await session.scalars(which)).all()
        names = [recording.stored for recording in found if recording.stored]
        for recording in found:
            recording.stored, recording.removed = None, self._now()
            await audit.record(session, self._now, "system", "call_removed", f"contact:{recording.contact_id}")
        return names

    async def _remove(self, names: Sequence[str]) -> None:
        """After the commit: a file without its row harms less than a row without its file."""
        for name in names:
            if _NAME.fullmatch(name):
                await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)


def _unknown() -> AgentError:
    return AgentError("There is no such recording, or its time is over.", "unknown_recording")
