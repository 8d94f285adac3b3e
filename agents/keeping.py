"""Recorded calls and what is personal of contacts: how it is heard, and when it is removed."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

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
            found = (await session.scalars(old.where(CallRecording.at < self._now() - recordings))).all()
            names = [recording.stored for recording in found if recording.stored]
            for recording in found:
                recording.stored, recording.removed = None, self._now()
                await audit.record(session, self._now, "system", "call_removed", f"contact:{recording.contact_id}")
            contacts = update(Contact).where(Contact.rang < self._now() - personal)
            await session.execute(contacts.values(number=None, number_hash=None, note=None))
            await session.commit()
        for name in names:  # only now: a file without its row harms less than a row without its file
            if _NAME.fullmatch(name):
                await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)
        return len(names)

    async def forget(self, number_hash: str) -> None:
        """Somebody withdrew their consent: what is personal of their contacts."""
        async with self._db.session() as session:
            theirs = update(Contact).where(Contact.number_hash == number_hash)
            await session.execute(theirs.values(number=None, number_hash=None, note=None))
            await session.commit()


def _unknown() -> AgentError:
    return AgentError("There is no such recording, or its time is over.", "unknown_recording")
