"""What callers did in the line before they went on to a person: kept in memory, found by Asterisk's id of the caller.

Whoever was served by another process is read from the records of calls, which hold them a second later.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from calls.journal import Journal
from calls.models import CallRecord
from calls.rows import row_of
from storage.database import Database
from tickets.kinds import ON_THE_PHONE, Category

MOST = 1000
KEPT_FOR = timedelta(hours=2)
LOOKED_BACK = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Told:
    """All that a caller has told and heard, so that nobody asks it again."""

    call_id: str
    number: str | None
    """Personal: E.164."""
    language: str
    area_id: int | None
    reason: str | None
    ticket_number: str | None
    outage_ids: tuple[int, ...]
    heard: tuple[tuple[str, str], ...]
    """Phrase keys with their words, the oldest first."""
    keys: tuple[str, ...]
    """Private ones as dots."""
    category: Category | None
    """What they began to report, in the words of tickets."""


class HandedOver:
    """`running`: journals of calls in the line, since a queue may ring before the conversation has quite ended."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], running: Callable[[], Sequence[Journal]] = tuple
    ) -> None:
        self._db, self._now, self._running = db, now, running
        self._kept: dict[str, tuple[datetime, Journal]] = {}

    def keep(self, journal: Journal) -> None:
        """The caller goes on to a person."""
        self._kept[channel_of(journal.call_id)] = (self._now(), journal)
        old = [channel for channel, (at, _) in self._kept.items() if self._now() - at > KEPT_FOR]
        for channel in [*old, *list(self._kept)[: max(0, len(self._kept) - MOST)]]:
            self._kept.pop(channel, None)

    def in_memory(self, channel: str) -> Told | None:
        """Without the database: what this process knows."""
        journal = self._journal(channel)
        if journal is None:
            return None
        told = _told(row_of(journal, None))
        before = self.in_memory(journal.follows) if journal.follows else None
        return _joined(before, told) if before else told

    async def find(self, channel: str) -> Told | None:
        """None for a caller whom the line never served: the dialplan's fallback, or a queue's own number."""
        told = self.in_memory(channel)
        if told is None:
            return await self._stored(channel)
        follows = getattr(self._journal(channel), "follows", None)
        if follows and self.in_memory(follows) is None and (before := await self._stored(follows)):
            return _joined(before, told)
        return told

    def _journal(self, channel: str) -> Journal | None:
        if channel in self._kept:
            return self._kept[channel][1]
        return next((each for each in self._running() if channel_of(each.call_id) == channel), None)

    async def _stored(self, channel: str) -> Told | None:
        query = select(CallRecord).where(
            CallRecord.started > self._now() - LOOKED_BACK,
            CallRecord.call_id.startswith(f"{channel}-", autoescape=True),
        )
        async with self._db.reading() as session:
            record = await session.scalar(query.order_by(CallRecord.id.desc()).limit(1))
        return _told({name: getattr(record, name) for name in _COLUMNS}) if record else None


_QUESTIONS: dict[str, dict[str, str]] = {
    "fault.which": {"1": "no_water", "2": "low_pressure", "3": "leak"},
    "fault.other": {"1": "sewer", "2": "water_quality"},
}
"""As `callflows.fault_report` understands keys; a test holds the two together."""
_COLUMNS = ("call_id", "caller", "language", "area_id", "reason", "ticket_number", "outage_ids", "heard", "keys")


def channel_of(call_id: str) -> str:
    """Asterisk's id of the caller's channel, of which a call's own id is made."""
    return call_id.rpartition("-")[0]


def _joined(before: Told, told: Told) -> Told:
    """Who kept their place told what they told in their own call; the call to them comes after it."""
    return replace(
        told,
        area_id=told.area_id if told.area_id is not None else before.area_id,
        ticket_number=told.ticket_number or before.ticket_number,
        outage_ids=before.outage_ids,
        heard=(*before.heard, *told.heard),
        keys=(*before.keys, *told.keys),
        category=before.category,
    )


def _told(row: dict[str, object]) -> Told:
    heard: list[list[Any]] = json.loads(str(row["heard"] or "[]"))
    keys: list[list[Any]] = json.loads(str(row["keys"] or "[]"))
    outages = row["outage_ids"]
    return Told(
        call_id=str(row["call_id"]),
        number=_text(row["caller"]),
        language=str(row["language"]),
        area_id=row["area_id"] if isinstance(row["area_id"], int) else None,
        reason=_text(row["reason"]),
        ticket_number=_text(row["ticket_number"]),
        outage_ids=tuple(outages) if isinstance(outages, list) else (),
        heard=tuple((key, text) for _, key, text, _ in heard),
        keys=tuple(pressed for _, pressed in keys),
        category=_category(heard, keys),
    )


def _category(heard: Iterable[list[Any]], keys: Iterable[list[Any]]) -> Category | None:
    """The answer to the latest question about the fault."""
    asked, category = "", None
    happened = [(float(at), 0, key.removesuffix(".short")) for at, key, _, _ in heard]
    happened += [(float(at), 1, pressed) for at, pressed in keys]
    for _, pressed, what in sorted(happened):
        if not pressed:
            asked = what if what in _QUESTIONS or what.startswith("menu.") else asked
        elif named := _QUESTIONS.get(asked, {}).get(what):
            category = ON_THE_PHONE[named][0]
    return category


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
