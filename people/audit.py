"""The audit log: who did what and when, chained so that nobody can change it unseen.

Each entry carries a keyed digest over itself and the digest before it. The newest digest is also kept in a file, the
anchor, so that entries that were cut off the end are missed. No personal data of callers belongs in here.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as SyncSession

from people.anchor import Anchor
from people.errors import PeopleError
from people.models import AuditEntry

_LOCK = 185_186
"""PostgreSQL advisory lock: one writer at a time lengthens the chain. SQLite has only one anyway."""
_NOTED, _WRITTEN = "audit noted", "audit written"
_NUMBER = re.compile(r"\+?\d(?:[ ()/.-]{0,2}\d){9,}")
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class _Chain:
    secret: bytes
    anchor: Anchor | None


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
    entry = AuditEntry(at=now().astimezone(UTC), who=who[:120], what=what, subject=_masked(subject)[:200], detail=plain)
    session.sync_session.info.setdefault(_NOTED, []).append(entry)


def _masked(value: Any) -> Any:
    """Telephone numbers in free text keep their last two digits."""
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: f"…{found[0][-2:]}", value)
    if isinstance(value, dict):
        return {str(key): _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list | tuple) else value


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
