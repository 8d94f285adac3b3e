"""The audit log: who did what and when, chained so that nobody can change it unseen.

Each entry carries a keyed digest over itself and the digest before it. The newest digest is also kept in a file, the
anchor, so that entries that were cut off the end are missed. No personal data of callers belongs in here.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as SyncSession

from people.anchor import Anchor, Mark
from people.errors import PeopleError
from people.models import AuditEntry

_LOCK = 185_186
"""PostgreSQL advisory lock: one writer at a time lengthens the chain. SQLite has only one anyway."""
_NOTED, _WRITTEN = "audit noted", "audit written"
_NUMBER = re.compile(
    r"(?<!\d)\(?(?:\+\d(?:[ ().-]{0,2}\d){8,14}"
    r"|(?:0|0?0?90)?[ (]{0,2}[2-5]\d\d[ ).-]{0,2}\d{3}[ .-]?\d\d[ .-]?\d\d)(?!\d)"
)
"""Telephone numbers, Turkish or with a country's code; times are none."""
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class _Chain:
    secret: bytes
    anchor: Anchor | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `problem`: one sentence, None when nobody tampered; `entry`: the first that is wrong."""

    entries: int
    digest: str
    problem: str | None = None
    entry: int | None = None
    since: int | None = None
    """The first entry that this machine's anchor knew of: what was cut off before it cannot be missed."""

    @property
    def ok(self) -> bool:
        return self.problem is None


_chain: _Chain | None = None


def use_secret(secret: str, anchor: Path | None) -> None:
    """Give the key of the chain and the place of its anchor, once, before anything is recorded or verified."""
    global _chain
    _chain = _Chain(secret.encode(), Anchor(anchor) if anchor else None)


async def record(
    session: AsyncSession, now: Callable[[], datetime], who: str, what: str, subject: str, **detail: Any
) -> None:
    """Note what is being done; it is written at the end of the caller's transaction, or never with it.

    Only then is the chain locked: it is the last lock that a transaction takes, so that none waits for another in turn.
    """
    _used()
    plain = json.loads(json.dumps(_masked(detail), default=str, allow_nan=False))
    told = _printable(_masked(subject))[:200]
    entry = AuditEntry(at=now().astimezone(UTC), who=_printable(who)[:120], what=what, subject=told, detail=plain)
    session.sync_session.info.setdefault(_NOTED, []).append(entry)


async def entries(
    session: AsyncSession,
    *,
    who: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """The newest first; `before` continues below an id."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if who is not None:
        query = query.where(AuditEntry.who == who)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return (await session.scalars(query)).all()


async def search(
    session: AsyncSession,
    *,
    who: str = "",
    what: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """Entries that hold these words, from `since` to before `until`, the newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    for column, words in ((AuditEntry.who, who), (AuditEntry.what, what), (AuditEntry.subject, subject)):
        query = query.where(column.icontains(words, autoescape=True)) if words else query
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return (await session.scalars(query)).all()


async def verify(session: AsyncSession, at_once: int = 500) -> Verdict:
    """Reads the whole log: the first entry that was changed, removed, put in or moved, and entries missing at the end.

    A missing or unreadable anchor counts as tampering, unless the log is empty: only the file tells that nothing was
    cut off. The next entry makes a new one, whose `since` then tells from where on it can.
    """
    chain, count, digest = _used(), 0, _START
    mark = chain.anchor.read() if chain.anchor else None
    since = mark.since if mark else None
    query = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=at_once)
    try:
        async for entry in await session.stream_scalars(query):
            if problem := _flaw(entry, count, digest, mark):
                return Verdict(count, digest, problem, min(entry.id, count + 1), since)
            count, digest = entry.id, entry.digest
    except (ValueError, TypeError):  # a column no longer holds what was written into it
        if at_once > 1:
            return await verify(session, at_once=1)  # which tells of which entry
        return Verdict(count, digest, f"Entry {count + 1} cannot be read: it was changed.", count + 1, since)
    if chain.anchor and count and mark is None:
        missing = f"The anchor {chain.anchor.file} is missing or unreadable: entries may have been cut off the end."
        return Verdict(count, digest, missing, None, None)
    if mark and count < mark.entries:
        cut = f"Entries {count + 1} to {mark.entries} are missing at the end."
        return Verdict(count, digest, cut, count + 1, since)
    return Verdict(count, digest, since=since)


def _flaw(entry: AuditEntry, count: int, digest: str, mark: Mark | None) -> str | None:
    if entry.id > count + 1:
        return f"Entry {count + 1} is missing."
    if entry.previous != digest or not hmac.compare_digest(digest_of(entry), entry.digest):
        return f"Entry {entry.id} was changed, moved or put in."
    if mark and entry.id == mark.entries and entry.digest != mark.digest:
        return f"Entry {entry.id} is another than the anchor remembers: the log was written anew."
    return None


def _masked(value: Any) -> Any:
    """Telephone numbers in free text keep their last two digits."""
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: f"…{found[0][-2:]}", value)
    if isinstance(value, dict):
        return {str(key): _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list | tuple) else value


def _printable(text: str) -> str:
    """What a terminal shows as it is."""
    return "".join(character if character.isprintable() else "?" for character in text)


def digest_of(entry: AuditEntry) -> str:
    """Over everything in the entry, and the digest before it."""
    held = [entry.id, entry.at.isoformat(), entry.who, entry.what, entry.subject, entry.detail]
    told = json.dumps(held, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.new(_used().secret, f"{entry.previous}{told}".encode(), hashlib.sha256).hexdigest()


def _used() -> _Chain:
    if _chain is None:
        raise PeopleError("The key of the audit log was not given; call people.audit.use_secret first.", "no_audit_key")
    return _chain


@event.listens_for(SyncSession, "before_commit")
def _append(session: SyncSession) -> None:
    noted: list[AuditEntry] = session.info.pop(_NOTED, [])
    if not noted:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    newest = session.execute(select(AuditEntry.id, AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1)).first()
    number, previous = newest or (0, _START)
    for entry in noted:
        number += 1
        entry.id, entry.previous = number, previous
        entry.digest = previous = digest_of(entry)
        session.add(entry)
    session.info[_WRITTEN] = (number, previous)


@event.listens_for(SyncSession, "after_commit")
def _anchor(session: SyncSession) -> None:
    written: tuple[int, str] | None = session.info.pop(_WRITTEN, None)
    anchor = _used().anchor if written else None
    if written and anchor:
        anchor.advance(*written)


@event.listens_for(SyncSession, "after_rollback")
def _forget(session: SyncSession) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_WRITTEN, None)
