"""Pictures and documents of tickets: taken for what they hold, kept in the tickets' folder, sent as nothing else."""

import asyncio
import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.errors import TicketError
from tickets.history import note_down
from tickets.models import Ticket, TicketFile
from tickets.voices import Voices

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 20
"""For one ticket."""
_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
VOICES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".gsm": "audio/gsm"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Bytes as they are sent to a browser, which must take them for nothing but `kind`."""

    data: bytes
    kind: str
    name: str

    @property
    def headers(self) -> dict[str, str]:
        how = "attachment" if self.kind == "application/pdf" else "inline"
        return {
            "Content-Disposition": f'{how}; filename="{self.name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }


class Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.voices = Voices(folder)

    async def add(
        self, session: AsyncSession, ticket: Ticket, at: datetime, who: str, name: str, data: bytes
    ) -> TicketFile:
        """The bytes are on disk before the row is; whoever calls holds the ticket's row and commits."""
        kind, ending = sniffed(data)
        count = await session.scalar(select(func.count()).where(TicketFile.ticket_id == ticket.id))
        if (count or 0) >= MOST_FILES:
            raise TicketError(f"A ticket holds at most {MOST_FILES} files.", "too_many_files")
        stored = f"{secrets.token_hex(12)}{ending}"
        await asyncio.to_thread(self._keep, stored, data)
        row = TicketFile(ticket_id=ticket.id, name=_plain(name, ending), kind=kind, size=len(data), stored=stored)
        row.at, row.who = at, who[:120]
        session.add(row)
        await note_down(session, ticket, at, who, "file", kind=kind, size=len(data))
        return row

    async def read(self, session: AsyncSession, ticket: Ticket, file_id: int) -> Shown:
        """Raises `unknown_file`, also for another ticket's."""
        row = await session.get(TicketFile, file_id)
        if row is None or row.ticket_id != ticket.id:
            raise TicketError("This ticket has no such file.", "unknown_file")
        return Shown(await self._bytes(row.stored), row.kind, f"{ticket.number}-{row.id}{Path(row.stored).suffix}")

    async def voice(self, ticket: Ticket) -> Shown:
        """Raises `unknown_file` where the caller left no message."""
        if ticket.voice is None:
            raise TicketError("This ticket has no voice message.", "unknown_file")
        ending = Path(ticket.voice).suffix
        kind = VOICES.get(ending, "application/octet-stream")
        return Shown(await self._bytes(ticket.voice), kind, f"{ticket.number}{ending}")

    async def _bytes(self, stored: str) -> bytes:
        try:
            return await asyncio.to_thread((self._folder / Path(stored).name).read_bytes)
        except OSError:
            raise TicketError("This file is no longer on the disk.", "unknown_file") from None

    def _keep(self, stored: str, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{stored}.part"
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                written.write(data)
                written.flush()
                os.fsync(written.fileno())
            part.replace(self._folder / stored)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise TicketError("The file cannot be kept now; check the disk.", "file_not_kept") from None


def sniffed(data: bytes) -> tuple[str, str]:
    """Media type and ending by the first bytes. Raises `file_too_large` or `bad_file`."""
    if len(data) > MOST_BYTES:
        raise TicketError(f"A file may have {MOST_BYTES // 1024 // 1024} MiB.", "file_too_large")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", ".webp"
    found = next(((kind, ending) for sign, kind, ending in _KINDS if data.startswith(sign)), None)
    if found is None:
        raise TicketError("Only pictures (JPEG, PNG, WebP) and PDF are kept.", "bad_file")
    return found


def _plain(name: str, ending: str) -> str:
    """The name as a person reads it; nothing of it ever becomes a path."""
    stem = Path(name.replace("\\", "/")).name[:80]
    return "".join(c if c.isprintable() and c not in '"<>/' else "_" for c in stem) or f"file{ending}"
